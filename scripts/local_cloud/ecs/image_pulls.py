"""How long an image's pull takes: by its size, the first time on a machine."""

import threading
from collections.abc import Mapping
from pathlib import Path


class ImagePulls:
    """Remembers which images each machine has. Safe to use from many threads.

    Args:
        sizes: Bytes of an image; the first whose key is part of its name counts.
        rate: Bytes/s of a pull.
    """

    def __init__(self, sizes: Mapping[str, int], rate: float) -> None:
        """Begin with machines that have no image."""
        self._sizes = sizes
        self._rate = rate
        self._lock = threading.Lock()
        self._pulled: set[tuple[Path, str]] = set()

    def seconds(self, machine: Path, image: str) -> float:
        """Return how long a machine pulls an image now (s), and note that it has it then.

        Args:
            machine: The machine, on whose disk the image then is.
            image: The image's name.
        """
        with self._lock:
            if (machine, image) in self._pulled:
                return 0.0
            self._pulled.add((machine, image))
        size = next((size for key, size in self._sizes.items() if key in image), 0)
        return size / self._rate
