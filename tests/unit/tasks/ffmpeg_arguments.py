"""What FFmpeg's arguments use of it, by name, read from the arguments alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

# Options without a value, by the names that FFmpeg lists them under.
NO_VALUE = {
    "-hide_banner": "hide_banner",
    "-nostats": "stats",
    "-nostdin": "stdin",
    "-y": "y",
    "-an": "an",
    "-copyts": "copyts",
}
# Options whose value is a flag's or a choice's name, one or several with + between them.
NAMED_VALUES = frozenset({"fflags", "flags", "hls_flags", "movflags", "force_original_aspect_ratio"})


@dataclass
class Used:
    """Names by what they are of."""

    options: set[str] = field(default_factory=set)
    filters: set[str] = field(default_factory=set)
    protocols: set[str] = field(default_factory=set)
    muxers: set[str] = field(default_factory=set)
    demuxers: set[str] = field(default_factory=set)
    encoders: set[str] = field(default_factory=set)

    def read(self, arguments: Sequence[str]) -> "Used":
        """Add what one command line uses."""
        form = ""
        for option, value in _pairs(arguments):
            if option == "":
                self._write(form, value)
                form = ""
            elif option == "i":
                self._read_from(form, value)
                form = ""
            elif option == "f":
                form = value
            else:
                self.options.add(option)
                self._value(option, value)
        return self

    def _value(self, option: str, value: str) -> None:
        if option == "c" and value != "copy":
            self.encoders.add(value)
        elif option in ("vf", "af"):
            self._graph(value)
        elif option == "filter_complex":
            for chain in value.split(";"):
                self._graph(re.sub(r"\[[^]]*\]", "", chain))
        elif option == "protocol_whitelist":
            self.protocols.update(value.split(","))
        elif option in NAMED_VALUES:
            self.options.update(name for name in value.split("+") if name)
        elif re.match(r"[a-z]+:", value):
            self._address(value)

    def _read_from(self, form: str, value: str) -> None:
        if form:
            self.demuxers.add(form)
        if form == "lavfi":
            self._graph(value)
        else:
            self._address(value)

    def _write(self, form: str, value: str) -> None:
        self.muxers.add(form)
        self._address(value)

    def _address(self, value: str) -> None:
        address = urlsplit(value)
        self.protocols.add(address.scheme or "file")
        if address.scheme == "srt":
            self.options.update(name for name, _ in parse_qsl(address.query))

    def _graph(self, graph: str) -> None:
        # A comma in quotes or after a backslash is part of a value.
        for step in re.findall(r"(?:'[^']*'|\\.|[^,'\\])+", graph):
            name, _, settings = step.partition("=")
            self.filters.add(name)
            for option, value in _settings(settings):
                self.options.add(option)
                self._value(option, value)


def _pairs(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each option with its value; a name that no option stands before is an output, with ""."""
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            yield "", word
        elif word in NO_VALUE:
            yield NO_VALUE[word], ""
        else:
            yield word.removeprefix("-").partition(":")[0], next(words)


def _settings(text: str) -> Iterator[tuple[str, str]]:
    """Yield the named settings of ``a=1:b=2``; a colon after a backslash is part of a value."""
    for part in re.split(r"(?<!\\):", text):
        name, equals, value = part.partition("=")
        if equals and re.fullmatch(r"[a-z_]+", name):
            yield name, value
