"""A small Stanza tagger of words and characters, trained from scratch: SENTENCES.json FOLDER."""

import json
import sys
from pathlib import Path

from stanza.models import ner_tagger


def main(source, folder):
    rows = json.loads(Path(source).read_text("utf-8"))
    data = Path(folder, "sentences.json")
    data.parent.mkdir(parents=True, exist_ok=True)
    data.write_text(json.dumps([[{"text": w, "ner": t} for w, t in zip(*tagged(row), strict=True)] for row in rows]))
    files = ["--train_file", str(data), "--eval_file", str(data), "--save_dir", folder, "--save_name", "tagger.pt"]
    size = ["--hidden_dim", "64", "--char_hidden_dim", "32", "--char_emb_dim", "32", "--word_emb_dim", "32"]
    steps = ["--max_steps", "240", "--eval_interval", "120", "--batch_size", "16", "--optim", "adam", "--lr", "0.005"]
    ner_tagger.main([*files, *size, *steps, "--mode", "train", "--shorthand", "ar_own", "--no_pretrain", "--cpu"])


def tagged(row):
    tags = ["O"] * len(row["words"])
    for first, last, label in row["mentions"]:
        tags[first:last] = [f"B-{label}"] + [f"I-{label}"] * (last - first - 1)
    return row["words"], tags


if __name__ == "__main__":
    main(*sys.argv[1:])
