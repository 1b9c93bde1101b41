"""Who may do what in an Elasticsearch of our own.

https://www.elastic.co/docs/deploy-manage/users-roles/cluster-or-deployment-auth/elasticsearch-privileges
"""

from typing import Any

from .server import Server

DOCUMENTS = ["metrics-*-organist"]
WRITER, VIEWER = "logstash_writer", "organist_viewer"
OPERATOR = "operator"

ROLES: dict[str, Any] = {
    # New documents, and the data streams that they begin; nothing that is there can be read or changed.
    WRITER: {
        "cluster": ["monitor"],
        "indices": [{"names": DOCUMENTS, "privileges": ["auto_configure", "create_doc"]}],
    },
    VIEWER: {
        "indices": [{"names": DOCUMENTS, "privileges": ["read", "view_index_metadata"]}],
        "applications": [
            {"application": "kibana-.kibana", "privileges": ["space_read"], "resources": ["space:default"]}
        ],
    },
}


def put_users(server: Server, *, kibana: str, logstash: str, operator: str) -> None:
    """Make roles and users, each with its password."""
    server.post("/_security/user/kibana_system/_password", json={"password": kibana})
    for name, role in ROLES.items():
        server.put(f"/_security/role/{name}", role)
    server.put(f"/_security/user/{WRITER}", _user(logstash, WRITER, "Logstash"))
    server.put(f"/_security/user/{OPERATOR}", _user(operator, VIEWER, "Operators"))


def _user(password: str, role: str, full_name: str) -> dict[str, Any]:
    return {"password": password, "roles": [role], "full_name": full_name}
