"""configs/dataset.yaml of a small project: one collection with its text, one that withholds it."""

DATASET = """
name: demo
title: Demo
summary: Composed for a test.
version: 0.1.0
license: cc-by-4.0
languages: [ar]
annotations_creators: [expert-generated]
language_creators: [found]
collections:
  open: {text: included, description: d, source: s, license: l}
  closed: {text: withheld, description: d, source: s, license: l}
splits: {ratios: {train: 70, validation: 15, test: 15}, salt: demo}
"""
