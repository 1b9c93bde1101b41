"""How long an image's pull takes: by its size, the first time on a machine."""

import threading
from collections.abc import Mapping
from pathlib import Path


class ImagePulls:
    """Remembers which images each machine has. Safe to use from many threads.

    Parameters: ``sizes`` in bytes, the first whose key is part of the image's name; ``rate`` in bytes/s.
    """

    def __init__(self, sizes: Mapping[str, int], rate: float) -> None:
        """Know every machine as empty."""
        self._sizes = sizes
        self._rate = rate
        self._lock = threading.Lock()
        self._pulled: set[tuple[Path, str]] = set()

    def seconds(self, machine: Path, image: str) -> float:
        """Give how long a machine pulls an image now (s), and note that it has it then.

        Parameters: ``machine``, its disk.
        """
        with self._lock:
            if (machine, image) in self._pulled:
                return 0.0
            self._pulled.add((machine, image))
        size = next((size for key, size in self._sizes.items() if key in image), 0)
        return size / self._rate
