"""A small Flair tagger that knows words, trained from scratch: SENTENCES.json FOLDER."""

import json
import sys
from pathlib import Path

import flair
import torch
from flair.data import Corpus, Sentence
from flair.datasets import FlairDatapointDataset
from flair.embeddings import OneHotEmbeddings
from flair.models import SequenceTagger
from flair.trainers import ModelTrainer


def main(source, folder):
    flair.set_seed(1)
    torch.set_num_threads(1)
    sentences = [labelled(row) for row in json.loads(Path(source).read_text("utf-8"))]
    corpus = Corpus(FlairDatapointDataset(sentences), FlairDatapointDataset(sentences[:8]), sample_missing_splits=False)
    embeddings = OneHotEmbeddings.from_corpus(corpus, min_freq=1, embedding_length=48)
    labels = corpus.make_label_dictionary("ner", add_unk=False)
    tagger = SequenceTagger(embeddings, labels, "ner", hidden_size=32, use_crf=False)
    ModelTrainer(tagger, corpus).train(folder, learning_rate=0.3, mini_batch_size=4, max_epochs=15)


def labelled(row):
    sentence = Sentence(row["words"])
    for first, last, label in row["mentions"]:
        sentence[first:last].add_label("ner", label)
    return sentence


if __name__ == "__main__":
    main(*sys.argv[1:])
