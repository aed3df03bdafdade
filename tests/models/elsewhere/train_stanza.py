"""A small Stanza tagger of words and characters and a tokenizer, trained from scratch: SENTENCES.json FOLDER.

They lie as Stanza's own models of Arabic do, so that FOLDER is one for its option `dir`.
"""

import json
import sys
from pathlib import Path

from stanza.models import ner_tagger, tokenizer


def main(source, folder):
    rows = json.loads(Path(source).read_text("utf-8"))
    folder = Path(folder)
    names = {"tokenize": {"own": {}}, "ner": {"own": {}}}
    arabic = {"lang_name": "Arabic", "packages": {"default": {"tokenize": "own", "ner": "own"}}, **names}
    (folder / "resources.json").write_text(json.dumps({"ar": arabic}))
    for name in names:
        (folder / "ar" / name).mkdir(parents=True)
    train_tagger(rows, folder)
    train_tokenizer(rows, folder)


def train_tagger(rows, folder):
    data = folder / "sentences.json"
    data.write_text(json.dumps([[{"text": w, "ner": t} for w, t in zip(*tagged(row), strict=True)] for row in rows]))
    files = ["--train_file", str(data), "--eval_file", str(data), *saved(folder, "ner")]
    size = ["--hidden_dim", "64", "--char_hidden_dim", "32", "--char_emb_dim", "32", "--word_emb_dim", "32"]
    steps = ["--max_steps", "240", "--eval_interval", "120", "--batch_size", "16", "--optim", "adam", "--lr", "0.005"]
    ner_tagger.main([*files, *size, *steps, "--no_pretrain"])


def tagged(row):
    tags = ["O"] * len(row["words"])
    for first, last, label in row["mentions"]:
        tags[first:last] = [f"B-{label}"] + [f"I-{label}"] * (last - first - 1)
    return row["words"], tags


def train_tokenizer(rows, folder):
    """Every word of the sentences with blanks around it; a letter is marked 1 at the end of a word, 2 of a sentence."""
    text, marks, lines = "", "", []
    for place, row in enumerate(rows):
        for number, word in enumerate(row["words"]):
            text += f"{word} "
            marks += "0" * (len(word) - 1) + ("2" if number == len(row["words"]) - 1 else "1") + "0"
            lines.append(f"{number + 1}\t{word}\t_\t_\t_\t_\t{number}\t{'dep' if number else 'root'}\t_\t_\n")
        lines.append("\n")
        if place % 6 == 5:
            text, marks = f"{text}\n\n", f"{marks}\n\n"
    files = []
    for option, content in (("txt_file", text), ("label_file", marks), ("conll_gold", "".join(lines))):
        path = folder / option
        path.write_text(content, "utf-8")
        files += [f"--dev_{option}", str(path)] + ([f"--{option}", str(path)] if option != "conll_gold" else [])
    (folder / "mwt").write_text("[]")
    steps = ["--steps", "150", "--eval_steps", "150", "--batch_size", "16", "--max_seqlen", "120"]
    words = ["--mwt_json_file", str(folder / "mwt"), "--no_use_mwt", "--lang", "ar"]
    tokenizer.main([*files, *words, *steps, *saved(folder, "tokenize")])


def saved(folder, name):
    place = ["--save_dir", str(folder / "ar" / name), "--save_name", "own.pt"]
    return [*place, "--mode", "train", "--shorthand", "ar_own", "--cpu"]


if __name__ == "__main__":
    main(*sys.argv[1:])
