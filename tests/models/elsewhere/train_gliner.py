"""A small GLiNER of a BERT, begun from scratch: SENTENCES.json FOLDER. The names of the labels are its prompts.

Four epochs teach it little; a low threshold has it say something all the same.
"""

import json
import sys
from pathlib import Path

import torch
from gliner import GLiNER
from gliner.data_processing.collator import UniEncoderSpanDataCollator
from transformers import BertTokenizer

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def main(source, folder):
    torch.manual_seed(1)
    torch.set_num_threads(1)
    rows = json.loads(Path(source).read_text("utf-8"))
    labels = sorted({label for row in rows for _, _, label in row["mentions"]})
    base = Path(folder, "base")
    base.mkdir(parents=True, exist_ok=True)
    words = sorted({word for row in rows for word in row["words"]})
    chars = sorted({char for word in words for char in word})
    pieces = list(dict.fromkeys([*SPECIAL, *labels, *words, *chars, *(f"##{char}" for char in chars)]))
    (base / "vocab.txt").write_text("\n".join(pieces), "utf-8")
    tokenizer = BertTokenizer(str(base / "vocab.txt"), do_lower_case=False, strip_accents=False, model_max_length=512)
    tokenizer.save_pretrained(base)
    encoder = {"model_type": "bert", "vocab_size": len(tokenizer), "hidden_size": 64, "num_hidden_layers": 1}
    encoder |= {"num_attention_heads": 2, "intermediate_size": 128, "max_position_embeddings": 512}
    (base / "config.json").write_text(json.dumps(encoder))
    config = {"model_name": str(base), "encoder_config": encoder, "hidden_size": 64, "max_len": 60, "max_width": 10}
    model = GLiNER.from_config(config | {"dropout": 0.1}, backbone_from_pretrained=False)
    train(model, rows, labels)
    model.save_pretrained(Path(folder, "model"))


def train(model, rows, labels, epochs=4, size=8):
    data = [
        {"tokenized_text": r["words"][:60], "ner": [[a, b - 1, c] for a, b, c in r["mentions"] if b <= 60]}
        for r in rows
    ]
    collate = UniEncoderSpanDataCollator(model.config, data_processor=model.data_processor, prepare_labels=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model.train()
    for _ in range(epochs):
        for start in range(0, len(data), size):
            model(**collate(data[start : start + size])).loss.backward()
            optimizer.step()
            optimizer.zero_grad()


if __name__ == "__main__":
    main(*sys.argv[1:])
