"""`organist bake`: a machine image of the stack's own, with Node-RED's container image on its disk."""

import time
from typing import Annotated

import typer

from organist.account.aws_account import EndpointUrlOption, ProfileOption, RegionOption, open_account
from organist.account.deployed_stack import STANDARD_STACK, StackOption
from organist.deploy.machine_image.recipes import STANDARD_TYPE, bake_for
from organist.terminal import open_console, say

TypeOption = Annotated[
    str, typer.Option("--instance-type", help="EC2 type of the machine whose disk becomes the image.")
]


def bake(
    stack: StackOption = STANDARD_STACK,
    instance_type: TypeOption = STANDARD_TYPE,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Make a machine image with Node-RED's container image on its disk; productions use it from then on."""
    account, console = open_account(profile, region, endpoint_url), open_console()
    made = bake_for(account, stack, instance_type, lambda text: say(console, text), time.sleep)
    say(console, f"Productions of the stack {stack} launch the machine image {made} from now on.")
