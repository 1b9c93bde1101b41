"""A live source of dynamorse's: coded pictures, put one by one to the mixer machine as their time comes."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from local_cloud import toolchain

START = b"\x00\x00\x00\x01\x09"  # of a picture: its access unit delimiter
RATE = 25


def coded_pictures(colour: str, size: str) -> list[bytes]:
    """A second of one colour in H.264, every picture on its own."""
    source = f"color={colour}:size={size}:rate={RATE}:duration=1"
    command = [str(toolchain.ffmpeg()), "-loglevel", "error", "-f", "lavfi", "-i", source]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "1"]
    command += ["-x264-params", "aud=1", "-f", "h264", "-"]
    stream = subprocess.run(command, capture_output=True, check=True, timeout=30).stdout
    return [START + picture for picture in stream.split(START)[1:]]


@contextmanager
def pushing(address: str, path: str, colour: str, width: int, height: int) -> Iterator[None]:
    """Put pictures of a colour, as http-io's own spm-http-out does in mode push (util/ArachnidOut.js).

    The first is put again until the mixer machine's flow takes it.
    """
    pictures, ended = coded_pictures(colour, f"{width}x{height}"), threading.Event()
    content_type = (
        f"video/h264; sampling=YCbCr-4:2:0; width={width}; height={height}; depth=8; "
        "colorimetry=BT709-2; interlace=false"
    )

    def push() -> None:
        number, began = 0, 0.0
        with requests.Session() as session:
            while not ended.wait(1 / RATE):
                began = began if number else time.time()
                at = began + number / RATE
                stamp = f"{int(at)}:{int(at % 1 * 1e9):09d}"
                headers = {
                    "Content-Type": content_type,
                    "Arachnid-PTPOrigin": stamp,
                    "Arachnid-PTPSync": stamp,
                    "Arachnid-Packing": "h264",
                    "Arachnid-GrainDuration": f"1/{RATE}",
                }
                body = pictures[number % len(pictures)]
                try:
                    session.put(f"http://{address}:8712{path}/{stamp}", body, headers=headers, timeout=5)
                except requests.RequestException:
                    continue  # not open yet, or gone
                number += 1

    thread = threading.Thread(target=push)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
