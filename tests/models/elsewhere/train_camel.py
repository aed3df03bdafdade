"""A small BERT checkpoint as CAMeL Tools reads them, trained from scratch: SENTENCES.json FOLDER.

The folder `catalogue` beside it holds an empty catalogue, so that the library fetches none when it is imported.
"""

import json
import sys
from pathlib import Path

import torch
from transformers import BertConfig, BertForTokenClassification, BertTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def main(source, folder):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    rows = json.loads(Path(source).read_text("utf-8"))
    folder = Path(folder)
    model, catalogue = folder / "model", folder / "catalogue"
    for place in (model, catalogue):
        place.mkdir(parents=True, exist_ok=True)
    empty = {"version": "1", "packages": {}, "components": {"NamedEntityRecognition": {"default": "", "datasets": {}}}}
    (catalogue / "catalogue.json").write_text(json.dumps(empty))
    words = sorted({word for row in rows for word in row["words"]})
    chars = sorted({char for word in words for char in word})
    pieces = list(dict.fromkeys([*SPECIAL, *words, *chars, *(f"##{char}" for char in chars)]))
    (model / "vocab.txt").write_text("\n".join(pieces), "utf-8")
    tokenizer = BertTokenizer(str(model / "vocab.txt"), do_lower_case=False, strip_accents=False)
    tokenizer.save_pretrained(model)
    tags = ["O", *(f"{p}-{label}" for label in sorted({m[2] for row in rows for m in row["mentions"]}) for p in "BI")]
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=128,
        max_position_embeddings=256,
        id2label=dict(enumerate(tags)),
        label2id={tag: place for place, tag in enumerate(tags)},
    )
    network = BertForTokenClassification(config)
    train(network, [example(row, tokenizer, {tag: place for place, tag in enumerate(tags)}) for row in rows])
    network.save_pretrained(model)


def example(row, tokenizer, numbers):
    """Pieces and classes of a sentence; only the first piece of each word has one."""
    tags = ["O"] * len(row["words"])
    for first, last, label in row["mentions"]:
        tags[first:last] = [f"B-{label}"] + [f"I-{label}"] * (last - first - 1)
    ids, classes = [tokenizer.cls_token_id], [-100]
    for word, tag in zip(row["words"], tags, strict=True):
        pieces = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(word))
        ids += pieces
        classes += [numbers[tag], *[-100] * (len(pieces) - 1)][: len(pieces)]
    return [*ids[:255], tokenizer.sep_token_id], [*classes[:255], -100]


def train(network, examples, epochs=12, size=16):
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    network.train()
    for _ in range(epochs):
        for start in range(0, len(examples), size):
            batch = examples[start : start + size]
            longest = max(len(ids) for ids, _ in batch)
            ids = torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in batch])
            classes = torch.tensor([classes + [-100] * (longest - len(classes)) for _, classes in batch])
            network(input_ids=ids, attention_mask=(ids != 0).long(), labels=classes).loss.backward()
            optimizer.step()
            optimizer.zero_grad()


if __name__ == "__main__":
    main(*sys.argv[1:])
