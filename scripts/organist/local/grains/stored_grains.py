"""Where grains are kept: in a bucket, or in a folder that fills a local cloud's bucket."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from organist.local.grains.raw_pictures import GrainFormat, Grains, GrainsError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BESIDE = ".json"
"""Of a file in a folder: its content type and metadata stand in a file beside it, of its name and this."""


def check_sources(folder: Path | None) -> None:
    """Raise ``GrainsError`` if what fills the bucket is no folder with files."""
    if folder is not None and not (folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))):
        raise GrainsError(f"--sources is {folder}; expected a folder with files. Nothing was started.")


def store_in_bucket(grains: Grains, form: GrainFormat, s3: "S3Client", bucket: str, key: str) -> None:
    """Write grains to an object; nothing is left of one that fails."""
    s3.upload_fileobj(
        grains,  # type: ignore[arg-type]  # boto3 needs no more of a file than read
        bucket,
        key,
        ExtraArgs={"ContentType": form.content_type, "Metadata": form.metadata},
    )


def store_in_folder(grains: Grains, form: GrainFormat, folder: Path, name: str) -> None:
    """Write grains to a file, and beside it what an object of it has as content type and metadata."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("wb") as file:
        shutil.copyfileobj(grains, file)
    beside = {"contentType": form.content_type, "metadata": form.metadata}
    (folder / f"{name}{BESIDE}").write_text(json.dumps(beside, indent=2) + "\n")


def fill_bucket(folder: Path, s3: "S3Client", bucket: str) -> list[str]:
    """Put every file of a folder into a bucket, with what stands beside it; return the keys."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    described = {
        path.with_name(path.name.removesuffix(BESIDE)): path for path in files if path.name.endswith(BESIDE)
    }
    keys = []
    for path in files:
        if path in described.values() and path.with_name(path.name.removesuffix(BESIDE)) in files:
            continue
        key = path.relative_to(folder).as_posix()
        beside = json.loads(described[path].read_text()) if path in described else {}
        extra = {"ContentType": beside.get("contentType"), "Metadata": beside.get("metadata")}
        s3.upload_file(
            str(path), bucket, key, ExtraArgs={name: value for name, value in extra.items() if value}
        )
        keys.append(key)
    return keys
