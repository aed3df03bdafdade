"""Proposes a score to a model's repository on the Hub: a pull request that its owner may merge or not."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError
from toolkit.evaluation.comparing.stored import model_label
from toolkit.evaluation.reports.hub_results import HubDataset, eval_results, eval_results_yaml
from toolkit.version import __version__

if TYPE_CHECKING:
    from huggingface_hub import EvalResult, ModelCard

Json = Mapping[str, Any]
_CARD = "README.md"


def propose(repo: str, result: Json, dataset: HubDataset) -> str:
    """Opens a pull request with the entries and the model-index of a result; the answer is its address.

    It is made on the newest commit, and the main branch stays as it is. Scores that the card has under the same name
    are replaced. IncompleteError as in `hub_results`, DataError where the card cannot be read; what huggingface_hub
    raises of the Hub is for the caller.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    entries, scores = eval_results_yaml(result, dataset), eval_results(result, dataset)
    api = HfApi(library_name="tawsim", library_version=__version__)
    head = str(api.model_info(repo).sha)
    files = {dataset.file: entries, _CARD: _text(_card(repo, head), model_label(result), scores)}
    commit = api.create_commit(
        repo,
        [CommitOperationAdd(name, text.encode()) for name, text in files.items()],
        commit_message=f"Add evaluation results on {dataset.repo}",
        commit_description=result["signature"],
        create_pr=True,
        parent_commit=head,
    )
    return str(commit.pr_url)


def _card(repo: str, revision: str) -> "ModelCard":
    """The card of a revision; an empty one where the repository has none."""
    from huggingface_hub import ModelCard, hf_hub_download
    from huggingface_hub.errors import RemoteEntryNotFoundError

    try:
        path = hf_hub_download(repo, _CARD, revision=revision)
    except RemoteEntryNotFoundError:
        return ModelCard("---\n---\n")
    try:
        card: ModelCard = ModelCard.load(path)
    except ValueError as error:
        what = f"the front matter of {_CARD} cannot be read: {str(error).splitlines()[0]}"
        raise DataError(what, where=repo, fix="Mend it first: a proposal must not lose what it says.") from error
    return card


def _text(card: "ModelCard", name: str, scores: "Sequence[EvalResult]") -> str:
    """The card with the scores in its front matter."""
    data: Any = card.data
    kept = [old for old in data.eval_results or () if not any(new.is_equal_except_value(old) for new in scores)]
    data.eval_results = [*kept, *scores]
    data.model_name = data.model_name or name
    return str(card)
