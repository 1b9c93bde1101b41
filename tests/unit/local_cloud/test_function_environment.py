"""What a function's environment is on the local cloud."""

from pathlib import Path
from unittest.mock import Mock

import pytest

from local_cloud.provisioning.provisioner import Provisioner


@pytest.mark.parametrize(("deployed", "local"), [("", "0.0.0.0/0"), ("192.0.2.0/24", "192.0.2.0/24")])
@pytest.mark.parametrize("variable", ["CONTRIBUTION_CIDR", "DESTINATION_CIDR"])
def test_sources_and_destinations_are_anywhere_unless_a_network_is_named(
    variable: str, deployed: str, local: str
) -> None:
    provisioner = Provisioner(Mock(region="eu-west-1"), Path(), "organist")
    variables = provisioner.local_variables({variable: deployed, "LEVEL": 1})
    assert variables == {variable: local, "LEVEL": "1"}
