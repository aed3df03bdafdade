"""A token classifier of two small layers, trained from scratch on the sample in seconds, as a checkpoint on disk.

Tests that use it are marked `TRAINED`, so that one worker trains it once.
"""

import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.release.tables.reading import read_dataset

TRAINED = pytest.mark.xdist_group("trained-transformers")
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
LIMIT = 512
IGNORED = -100
# The threads of torch wait for one another by spinning: on a machine that others use too, two are far slower than one.
torch.set_num_threads(1)


def rows_of(project: Path, split: str) -> list[dict[str, Any]]:
    """The sentences of a split, as the config `ner` has them."""
    return pq.read_table(next((project / "build" / "ner").glob(f"{split}-*.parquet"))).to_pylist()


def word_piece(texts: list[str], size: int = 2_000) -> PreTrainedTokenizerFast:
    """A WordPiece tokenizer like those of BERT, which takes vowel signs out."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=size, special_tokens=SPECIAL))
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=LIMIT, **names)


def first_pieces(tokenizer: Any, tokens: list[list[str]], tags: list[list[int]] | None = None) -> Any:
    """Words to the pieces of a batch, with `labels`: the tag of a word (else its number) on its first piece only."""
    batch = tokenizer(tokens, is_split_into_words=True, padding=True, truncation=True, return_tensors="pt")
    labels = torch.full_like(batch["input_ids"], IGNORED)
    for row in range(len(tokens)):
        before = None
        for place, word in enumerate(batch.word_ids(row)):
            if word is not None and word != before:
                labels[row, place] = tags[row][word] if tags else word
            before = word
    return {**batch, "labels": labels}


def train(rows: list[dict[str, Any]], names: list[str], folder: Path, epochs: int = 12) -> None:
    """Trains on sentences of words with tags, and saves model and tokenizer."""
    torch.manual_seed(1)
    tokenizer = word_piece([" ".join(row["tokens"]) for row in rows])
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=64, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=LIMIT, id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    batch = first_pieces(tokenizer, [row["tokens"] for row in rows], [row["ner_tags"] for row in rows])
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    model.train()
    for _ in range(epochs):
        for part in torch.randperm(len(rows)).split(16):
            loss = model(**{key: value[part] for key, value in batch.items()}).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="session")
def sample_project(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """This project with the sample built, and a cache of its own: what it scores, no earlier run has predicted."""
    root = tmp_path_factory.mktemp("sample-project")
    for name in ("configs", "annotations"):
        shutil.copytree(repository / name, root / name)
    shutil.copy(repository / "DATASHEET.md", root)
    arguments = ["--project", root, "--from", root / "annotations" / "sample", "--out", root / "build"]
    done = CliRunner().invoke(app, ["build", *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return root


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, sample_project: Path) -> Path:
    """The folder of the trained checkpoint."""
    folder = tmp_path_factory.mktemp("trained") / "tiny-ner"
    train(rows_of(sample_project, "train"), list(read_dataset(sample_project / "build").schema.tags), folder)
    return folder
