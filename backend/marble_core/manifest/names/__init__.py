"""The names of a manifest: where each is defined, and everywhere it is mentioned, templates included."""

from marble_core.manifest.names.inyaml import YamlNames
from marble_core.manifest.names.mentions import Form, Kind, Mention, mentions
from marble_core.manifest.names.names import Mentioned, Names, RenameRefused

__all__ = ["Form", "Kind", "Mention", "Mentioned", "Names", "RenameRefused", "YamlNames", "mentions"]
