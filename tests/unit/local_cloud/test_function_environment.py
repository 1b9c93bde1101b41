"""What a function's environment is on the local cloud."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from local_cloud.provisioning.provisioner import Provisioner


@pytest.mark.parametrize(("deployed", "local"), [("", "0.0.0.0/0"), ("192.0.2.0/24", "192.0.2.0/24")])
def test_live_sources_come_from_anywhere_unless_a_network_is_named(deployed: str, local: str) -> None:
    provisioner = Provisioner(Mock(region="eu-west-1"), Path(), "organist")
    variables = provisioner.local_variables({"CONTRIBUTION_CIDR": deployed, "LEVEL": 1})
    assert variables == {"CONTRIBUTION_CIDR": local, "LEVEL": "1"}
