"""What makes a coordinator lose its key, in words. No Qt."""

from __future__ import annotations

from marble_console.words import tr


def why(*, is_local: bool) -> tuple[str, str]:
    """A sentence, and the causes with the ways out."""
    causes = [
        tr("The file with the sealed key is missing, was overwritten, or belongs to another state."),
        tr("The data was moved to another computer, or its processor or firmware was replaced: a key that is sealed by SGX opens on the same processor only."),
        tr("The coordinator was replaced by one with another signer, or, with the seal mode UniqueKey, by any other release."),
        tr("A backup put back only one of the two files."),
    ]  # fmt: skip
    if is_local:
        causes = [causes[0], causes[3]]
    sentence = tr("The coordinator has found a sealed state and no key that opens it.")
    listed = "\n".join(f"· {cause}" for cause in causes)
    return sentence, tr(
        "That is so when:\n{causes}\n\nNothing is lost yet. If a copy of the seal directory exists, stop the coordinator and put the copy back: "
        "it then starts as before, without the holders. Otherwise recover the state with their shares.",
        causes=listed,
    )
