"""An npm registry as the source of modules."""

from urllib.parse import quote

import requests

from lambdas.modules.errors import ModuleSourceUnreachable
from lambdas.modules.source import Tarball

ANSWER_SECONDS = 5.0
NOT_FOUND = 404


class Registry:
    """An npm registry. https://github.com/npm/registry/blob/main/docs/REGISTRY-API.md."""

    def __init__(self, url: str, session: requests.Session | None = None) -> None:
        self._url = url.rstrip("/")
        self._session = session or requests.Session()

    def find(self, name: str, version: str | None) -> Tarball | None:
        """Look into the module's document; ``ModuleSourceUnreachable`` if there is no answer."""
        url = f"{self._url}/{quote(name, safe='@')}"
        try:
            answer = self._session.get(url, timeout=ANSWER_SECONDS)
            if answer.status_code == NOT_FOUND:
                return None
            answer.raise_for_status()
            document = answer.json()
            wanted = version or document["dist-tags"]["latest"]
            found = document["versions"].get(wanted)
            return Tarball(wanted, str(found["dist"]["tarball"])) if found else None
        except (requests.RequestException, KeyError, TypeError, AttributeError) as error:
            raise ModuleSourceUnreachable(f"{url} gave no npm document: {type(error).__name__}.") from error

    def __str__(self) -> str:
        """Return the registry's URL."""
        return f"the npm registry {self._url}"
