"""Real tokenizers of three kinds with a vocabulary of a few words, and models made by hand that tag their pieces."""

from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path

import torch
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

ENDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
WORDS = ("قال", "محمد", "مصر", "في", "كريم", "العطار", "الحلبي", "كلمة", "ثم", ".")


def word_piece(pieces: Sequence[str] = (*WORDS, "(", ")")) -> Tokenizer:
    """That of BERT, which takes vowel signs out."""
    tokenizer = Tokenizer(models.WordPiece({piece: n for n, piece in enumerate((*ENDS, *pieces))}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return _ended(tokenizer)


def metaspace(pieces: Sequence[str] = WORDS, *, split: bool = True) -> Tokenizer:
    """SentencePiece as XLM-R has it: a blank is the letter ▁ at the beginning of the piece behind it."""
    scored = [(end, 0.0) for end in ENDS] + [("▁", -3.0)]
    scored += [(f"▁{piece}", -1.0) for piece in (*pieces, "(")] + [
        (piece, -2.0) for piece in (*pieces, "(", ")", "صيدا")
    ]
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=1))
    tokenizer.normalizer = normalizers.Replace(Regex(r"\s"), " ")
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=split)
    return _ended(tokenizer)


def byte_level() -> Tokenizer:
    """That of GPT-2 and RoBERTa with no merges: two pieces a letter, and Ġ for a blank."""
    letters = (*ENDS, *sorted(pre_tokenizers.ByteLevel.alphabet()))
    tokenizer = Tokenizer(models.BPE({letter: n for n, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    return _ended(tokenizer)


def _ended(tokenizer: Tokenizer) -> Tokenizer:
    ends = [("[CLS]", 2), ("[SEP]", 3)]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    return tokenizer


def save(
    folder: Path,
    tokenizer: Tokenizer,
    labels: Sequence[str],
    odds: Mapping[str, Mapping[str, float]],
    *,
    shifts: Mapping[int, Mapping[str, float]] | None = None,
    limit: int = 512,
    stated: int | None = None,
) -> Path:
    """A BERT of no layers that gives each piece the probabilities of `odds`; all other pieces are the first label.

    `shifts` multiply the odds of labels at a position. `limit` is that of its positions, `stated` that of the
    tokenizer.
    """
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(), hidden_size=len(labels), num_hidden_layers=0, num_attention_heads=1,
        intermediate_size=1, max_position_embeddings=limit, layer_norm_eps=1e12, id2label=dict(enumerate(labels)),
        label2id={label: n for n, label in enumerate(labels)},
    )  # fmt: skip
    model = BertForTokenClassification(config)
    embeddings, places = model.bert.embeddings, {label: n for n, label in enumerate(labels)}
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        # With so large an epsilon the normalisation only takes off the mean, which softmax does not see.
        embeddings.LayerNorm.weight.fill_(1e6)
        model.classifier.weight.copy_(torch.eye(len(labels)))
        words = embeddings.word_embeddings.weight
        words.fill_(log(1e-4))
        words[:, 0] = log(0.99)
        for piece, chances in odds.items():
            row = words[tokenizer.token_to_id(piece)]
            row.fill_(log(1e-4))
            for label, chance in chances.items():
                row[places[label]] = log(chance)
        for position, factors in (shifts or {}).items():
            for label, factor in factors.items():
                embeddings.position_embeddings.weight[position, places[label]] = log(factor)
    model.save_pretrained(folder)
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), ENDS, strict=True))
    most = {"model_max_length": stated} if stated else {}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names, **most).save_pretrained(folder)
    return folder
