"""How long an image's pull takes: by its size, the first time on a machine."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path


class ImagePulls:
    """Remembers which images each machine has, or is pulling. Safe to use from many threads.

    Args:
        sizes: Bytes of an image; the first whose key is part of its name counts.
        rate: Bytes/s of a pull.
        clock: Tells the time (s).
    """

    def __init__(
        self, sizes: Mapping[str, int], rate: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Begin with machines that have no image."""
        self._sizes = sizes
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._there_at: dict[tuple[Path, str], float] = {}

    def seconds(self, machine: Path, image: str) -> float:
        """Return how long it takes until a machine has an image (s); it is pulled once, whoever asks.

        Args:
            machine: The machine, on whose disk the image then is.
            image: The image's name.
        """
        now = self._clock()
        with self._lock:
            if (machine, image) not in self._there_at:
                size = next((size for key, size in self._sizes.items() if key in image), 0)
                self._there_at[machine, image] = now + size / self._rate
            return max(0.0, self._there_at[machine, image] - now)
