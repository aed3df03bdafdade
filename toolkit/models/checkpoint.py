"""A token classification checkpoint of a folder or of the Hub: loaded without any code of its own, and pinned."""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import UsageError
from toolkit.files import canonical_json, file_sha256, list_files, sha256
from toolkit.models.loading import loading

_ID = re.compile(r"[\w.-]+(/[\w.-]+)?", re.ASCII)
# What a model is made of; optimizers, logs and model cards of the folder change nothing in what it says.
_PARTS = {".safetensors", ".bin", ".json", ".txt", ".model"}
_NO_PARTS = {"trainer_state.json", "training_args.bin", "all_results.json", "train_results.json", "eval_results.json"}
# What a tokenizer without a maximum gives as its maximum is far beyond this.
_NO_MAXIMUM = 10**9
_NO_CONVERSION = "DISABLE_SAFETENSORS_CONVERSION"
_FINE_TUNED = "Fine-tune it for token classification first."
DTYPES = ("float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model on its device with its tokenizer. `about` tells which; `limit` is how many pieces it can read, if any."""

    model: Any
    tokenizer: Any
    labels: tuple[str, ...]
    limit: int | None
    about: Mapping[str, str]


def open_checkpoint(target: str, revision: str, device: str, dtype: str) -> Checkpoint:
    """The checkpoint in the folder `target`, or of that id on the Hub at a revision.

    UsageError where there is none, it cannot be reached, is no token classification model, needs code of its own, or
    its tokenizer tells no offsets.
    """
    about, commit = _pinned(target, revision)  # what is not there shall be told before seconds go by

    import torch
    from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer

    _check_device(device)
    where = f"transformers:{target}"
    pin: dict[str, Any] = {"revision": commit, "trust_remote_code": False}
    with _reserved(), loading(where, "cannot be loaded"), _explained(where):
        config = AutoConfig.from_pretrained(target, **pin)
        kinds = config.architectures or []
        if kinds and not any(kind.endswith("ForTokenClassification") for kind in kinds):
            raise UsageError(f"is a {kinds[0]}, no model for token classification", where=where, fix=_FINE_TUNED)
        tokenizer = AutoTokenizer.from_pretrained(target, **pin)
        if not tokenizer.is_fast:
            what = f"its tokenizer, {type(tokenizer).__name__}, does not tell where in the text a piece stands"
            raise UsageError(what, where=where, fix="Convert it, so that there is a tokenizer.json.")
        model, report = AutoModelForTokenClassification.from_pretrained(
            target, config=config, dtype=getattr(torch, dtype), output_loading_info=True, **pin
        )
    if missing := sorted(report["missing_keys"]):
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise UsageError(f"has no weights for {missing[0]}{more}", where=where, fix=_FINE_TUNED)
    model.to(device).eval()
    labels = tuple(str(config.id2label[number]) for number in range(config.num_labels))
    about = {**about, "architecture": type(model).__name__, "tokenizer": type(tokenizer).__name__}
    return Checkpoint(model, tokenizer, labels, own_limit(model, tokenizer), about)


def own_limit(model: Any, tokenizer: Any) -> int | None:
    """How many pieces the model can read, special ones included: what its positions and its tokenizer allow.

    RoBERTa and its kin count positions from behind the padding's on: of 514 they can use 512.
    """
    import torch

    limits = []
    positions = getattr(model.config, "max_position_embeddings", None)
    for name, module in model.named_modules():
        if name.endswith(("position_embeddings", ".wpe")) and isinstance(module, torch.nn.Embedding):
            positions = module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
            break
    if isinstance(positions, int) and positions > 0:
        limits.append(positions)
    if 0 < tokenizer.model_max_length < _NO_MAXIMUM:
        limits.append(int(tokenizer.model_max_length))
    return min(limits, default=None)


def _pinned(target: str, revision: str) -> tuple[dict[str, str], str | None]:
    """What names the checkpoint for good, and the commit to load: none of a folder."""
    folder = Path(target)
    if folder.is_dir():
        if revision:
            raise UsageError("a folder has no revision", where=f"transformers:{target}", fix="Leave out the option.")
        if not (folder / "config.json").is_file():
            raise UsageError("there is no config.json in this folder", where=target, fix="Save the model there first.")
        return {"name": f"transformers:{folder.resolve().name}", "digest": _digest(folder)}, None
    if not _ID.fullmatch(target):
        raise UsageError("is no folder, and no id of a model", where=f"transformers:{target}", fix="Check the path.")
    with loading(f"transformers:{target}", "cannot be had from the Hub"):
        commit = _commit(target, revision)
    return {"name": f"transformers:{target}", "revision": commit}, commit


def _digest(folder: Path) -> str:
    """The sha256 over weights, configuration and tokenizer of a folder."""
    files = [path for path in list_files(folder, "*") if path.suffix in _PARTS and path.name not in _NO_PARTS]
    return sha256(canonical_json({path.name: file_sha256(path) for path in files}))


def _commit(target: str, revision: str) -> str:
    """The commit that a revision stands for: on the Hub, or in what was downloaded before where that is not reached."""
    from huggingface_hub import errors, hf_hub_download

    where = f"transformers:{target}"
    named = f"revision {revision!r}" if revision else "the newest revision"
    try:
        file = hf_hub_download(target, "config.json", revision=revision or None)
    except errors.GatedRepoError:
        fix = f"Ask for access at https://huggingface.co/{target}, then run `hf auth login`."
        raise UsageError("its owner decides who may load it, and you may not", where=where, fix=fix) from None
    except errors.RevisionNotFoundError:
        raise UsageError(f"has no revision {revision!r}", where=where, fix="Check the option revision.") from None
    except errors.RepositoryNotFoundError:
        fix = "Check the name; if it is private, run `hf auth login`."
        raise UsageError("there is no such folder, and no such model on the Hub", where=where, fix=fix) from None
    except errors.EntryNotFoundError as error:
        if isinstance(error, errors.LocalEntryNotFoundError):
            what = f"there is no such folder, the Hub is not reached, and {named} was not downloaded before"
            raise UsageError(what, where=where, fix="Check the network, or HF_HUB_OFFLINE.") from None
        raise UsageError("has no config.json: it is no model of transformers", where=where) from None
    return Path(file).parent.name


def _check_device(device: str) -> None:
    import torch

    kind, _, number = device.partition(":")
    there = {"cpu": 1, "cuda": torch.cuda.device_count(), "mps": int(torch.backends.mps.is_available())}
    if kind not in there or (number and not number.isdecimal()):
        raise UsageError(f"the option device is {device!r}", fix="It can be cpu, cuda, cuda:1 or mps.")
    if int(number or 0) >= there[kind]:
        raise UsageError(f"there is no device {device} here", fix="Leave out the option for the processor.")


@contextmanager
def _reserved() -> Iterator[None]:
    """Keeps the library's warnings and bars out of what we print; those of a download stay.

    Nor does it have a service convert a checkpoint without safetensors, which it would send the user's token to.
    """
    from transformers.utils import logging

    level, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    before = os.environ.get(_NO_CONVERSION)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    os.environ[_NO_CONVERSION] = "1"
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if has_bars:
            logging.enable_progress_bar()
        if before is None:
            del os.environ[_NO_CONVERSION]
        else:
            os.environ[_NO_CONVERSION] = before


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Says in our words what the library says at length."""
    try:
        yield
    except (ImportError, ValueError) as error:
        said = " ".join(str(error).split())
        if "trust_remote_code" in said:
            fix = "Load it in a program or function of your own: command:… or python:…"
            raise UsageError("needs code of its own, which is never run here", where=where, fix=fix) from error
        if "Unrecognized configuration class" in said:
            raise UsageError("is of a kind that has no token classification", where=where, fix=_FINE_TUNED) from error
        if isinstance(error, ImportError):
            raise UsageError(f"needs a library that is not installed: {said[:240]}", where=where) from error
        raise
