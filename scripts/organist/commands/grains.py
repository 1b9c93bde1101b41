"""`organist grains`: raw pictures for dynamorse's cloud-store-in, of any video."""

from pathlib import Path
from typing import Annotated

import typer

from lambdas.production.key_frames import exact_rate
from organist.account.aws_account import EndpointUrlOption, ProfileOption, RegionOption, open_account
from organist.commands.local import check_extra
from organist.local.grains.raw_pictures import STORED, GrainFormat, GrainsError, make_grains
from organist.local.grains.stored_grains import store_in_bucket, store_in_folder
from organist.terminal import open_console, say

STORE = "s3://"

PlacesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="VIDEO... TARGET",
        help="Videos, and where their grains go: s3://bucket/prefix, or a folder for local --sources.",
    ),
]
SecondsOption = Annotated[
    float, typer.Option(min=0.04, help="Seconds of each video; they are played in a loop.")
]
WidthOption = Annotated[int, typer.Option(min=160, max=3840, help="Width of the pictures, an even number.")]
HeightOption = Annotated[int, typer.Option(min=90, max=2160, help="Height of the pictures, an even number.")]
RateOption = Annotated[float, typer.Option("--rate", min=1, max=60, help="Pictures a second.")]


def grains(  # noqa: PLR0913, PLR0917 - one parameter an option, as typer has it
    places: PlacesArgument,
    seconds: SecondsOption = 10.0,
    width: WidthOption = 1280,
    height: HeightOption = 720,
    rate: RateOption = 25.0,
    profile: ProfileOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointUrlOption = None,
) -> None:
    """Make raw pictures of videos, as dynamorse's modules read them from a bucket."""
    check_extra()
    *videos, target = places
    if not videos:
        raise GrainsError(f"Only {target} is named; expected videos and then s3://bucket/prefix or a folder.")
    if width % 2 or height % 2:
        raise GrainsError(f"The pictures are {width}x{height}; expected even numbers.")
    form = GrainFormat(width, height, exact_rate(rate))
    s3 = open_account(profile, region, endpoint_url).s3 if target.startswith(STORE) else None
    bucket, _, prefix = target.removeprefix(STORE).partition("/")
    console = open_console()
    for number, video in enumerate(map(Path, videos), start=1):
        if not video.is_file():
            raise GrainsError(f"There is no file {video}.")
        name = f"source-{number}{STORED}"
        with make_grains(video, form, seconds) as made:
            if s3 is None:
                store_in_folder(made, form, Path(target), name)
                place = str(Path(target) / name)
            else:
                key = f"{prefix.rstrip('/')}/{name}".lstrip("/")
                store_in_bucket(made, form, s3, bucket, key)
                place = f"{STORE}{bucket}/{key}"
        say(
            console, f"{place}  {made.size // form.grain_bytes} pictures of {video.name}, {made.size:,} bytes"
        )
