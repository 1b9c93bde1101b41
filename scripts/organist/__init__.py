"""The organist command: productions on a laptop and in an AWS account."""

from organist.repository import make_importable

make_importable()
