"""Kibana's data view and dashboards."""

import json
from pathlib import Path

from .errors import ServerRefused
from .server import Server

SAVED_OBJECTS = Path(__file__).resolve().parents[1] / "kibana" / "organist.ndjson"


def import_dashboards(kibana: Server) -> int:
    """Import the saved objects over those that are there; return how many.

    Raises:
        ServerRefused: Kibana does not take all of them; the message says why.
    """
    file = ("organist.ndjson", SAVED_OBJECTS.read_bytes(), "application/ndjson")
    answer = kibana.post("/api/saved_objects/_import?overwrite=true", files={"file": file})
    if not answer["success"]:
        raise ServerRefused(f"Kibana does not take the dashboards: {json.dumps(answer.get('errors'))[:2000]}")
    return int(answer["successCount"])
