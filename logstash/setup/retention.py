"""How long OpenSearch keeps documents: an index state policy in place of Elasticsearch's ``lifecycle``.

https://docs.opensearch.org/latest/im-plugin/ism/policies/
"""

import hashlib
import json
from typing import Any

from .server import Server
from .templates import data_streams, retention

NAME = "organist-retention"
POLICY = f"/_plugins/_ism/policies/{NAME}"
ROLLOVER = "7d"  # what is deleted is a whole index: one a week, as Elasticsearch has it for 30 days


def retention_policy() -> dict[str, Any]:
    """Return the policy; its description changes with anything in it."""
    content = {
        "default_state": "written",
        "ism_template": [{"index_patterns": data_streams(), "priority": 300}],
        "states": [
            {
                "name": "written",
                "actions": [{"rollover": {"min_index_age": ROLLOVER}}],
                "transitions": [{"state_name": "old", "conditions": {"min_rollover_age": retention()}}],
            },
            {"name": "old", "actions": [{"delete": {}}], "transitions": []},
        ],
    }
    mark = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:8]
    return {
        "policy": {"description": f"Statistics of organist are kept for {retention()} ({mark})", **content}
    }


def put_policy(server: Server) -> None:
    """Put the policy, over an older one if there is one."""
    policy, there = retention_policy(), server.get(POLICY)
    if there is None:
        server.put(POLICY, policy)
    # OpenSearch adds to what it was given, so only the description can be compared.
    elif there["policy"].get("description") != policy["policy"]["description"]:
        # A policy is replaced only by who says which one is meant.
        server.put(f"{POLICY}?if_seq_no={there['_seq_no']}&if_primary_term={there['_primary_term']}", policy)


def follow_policy(server: Server) -> list[str]:
    """Put every index under the policy as it is now; return those that would not go.

    An index keeps the policy that it began with until it is told otherwise, and one that is older than any
    policy has none: https://docs.opensearch.org/latest/im-plugin/ism/api/#update-managed-index-policy
    """
    refused: list[str] = []
    for stream in data_streams():
        there = server.get(f"/_data_stream/{stream}") or {"data_streams": []}
        indices = [index["index_name"] for one in there["data_streams"] for index in one["indices"]]
        unmanaged = _tell(server, "change_policy", indices)
        refused += _tell(server, "add", unmanaged)
    return refused


def _tell(server: Server, what: str, indices: list[str]) -> list[str]:
    if not indices:
        return []
    answer = server.post(f"/_plugins/_ism/{what}/{','.join(indices)}", json={"policy_id": NAME})
    return [failed["index_name"] for failed in answer["failed_indices"]]
