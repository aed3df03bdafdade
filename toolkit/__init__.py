"""Tawsim: Label Studio annotations to a versioned Hugging Face dataset, and NER models scored against it."""

__version__ = "0.1.0"
