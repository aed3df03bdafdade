"""A token classifier for the harness to be measured around: the work of a small BERT, and tags that are known."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

LIMIT = 512
LABELS = {0: "O", 1: "B-PER"}


def save_classifier(folder: Path, texts: Iterable[str]) -> None:
    """A BERT of four layers that reads 512 pieces, with a WordPiece vocabulary of the texts.

    It is not trained. What its layers compute is multiplied by nothing in the end, so that the tag of a piece depends
    on the piece alone, and no rounding decides it. About a quarter of the pieces are mentions.
    """
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(texts, trainers.WordPieceTrainer(vocab_size=8_000, special_tokens=special))
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), special, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=LIMIT, **names).save_pretrained(folder)
    torch.manual_seed(1)
    size: dict[str, Any] = {"vocab_size": tokenizer.get_vocab_size(), "max_position_embeddings": LIMIT}
    size |= {"hidden_size": 256, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 1024}
    model: Any = BertForTokenClassification(BertConfig(id2label=LABELS, **size))
    with torch.no_grad():
        model.bert.embeddings.position_embeddings.weight.zero_()
        for layer in model.bert.encoder.layer:
            for last in (layer.attention.output.dense, layer.output.dense):
                last.weight.zero_()
                last.bias.zero_()
        scores = model.eval()(torch.arange(model.config.vocab_size)[:, None]).logits[:, 0]
        model.classifier.bias[0] += torch.quantile(scores[:, 1] - scores[:, 0], 0.75)
    model.save_pretrained(folder)
