"""The image of one deployment: built before the stack is switched to it, and looked for at the end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from organist.account.aws_account import Account
from organist.deploy.image.build import (
    ImagePlace,
    SourceNotReadable,
    build_images,
    build_request,
    image_bytes,
    image_tags,
)
from organist.deploy.stack.stack_parameters import ImageSource

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class DeploymentImage:
    """What is wanted of the image: its source, and whether dynamorse's is wanted beside it.

    Args:
        print_line: Takes a line for the person.
        sleep: Waits a moment.
    """

    account: Account
    source: ImageSource
    with_dynamorse: bool
    print_line: Callable[[str], None]
    sleep: Callable[[], None]

    def build_before_update(self, outputs: Mapping[str, str]) -> None:
        """Build what the stack's registry lacks, while the stack is still the old one; a new stack has none.

        Raises:
            ImageBuildFailed: CodeBuild could not build the image; without it no machine could start its task.
        """
        place = _place(outputs)
        if place is None or not self._missing(place):
            return
        self.print_line(
            "The new Node-RED image is built first; this takes some minutes. The stack stays as it is."
        )
        try:
            self._build(place)
        except SourceNotReadable as error:
            self.print_line(
                f"{error}\nThis deployment's own build may read no source but its own, or none of this "
                "bucket. So the stack is updated first and the image built right after: until then no "
                "production can start. From the next update on it is the other way round."
            )

    def ensure(self, outputs: Mapping[str, str]) -> None:
        """Build what the stack's registry lacks, and return what is there.

        Raises:
            ImageBuildFailed: CodeBuild could not build the image; without it no machine could start its task.
        """
        place = _place(outputs)
        if place is None:
            return
        if self._missing(place):
            self.print_line("The Node-RED image is built now; this takes some minutes.")
            self._build(place)
        for tag in self._wanted():
            size = image_bytes(self.account.ecr, place.repository, tag)
            if size is not None:
                self.print_line(f"image {tag}: {size / MEGABYTE:.0f} MB compressed")

    def _build(self, place: ImagePlace) -> None:
        request = build_request(place, self.source, with_dynamorse=self.with_dynamorse)
        build_images(self.account.codebuild, request, self.print_line, self.sleep)

    def _wanted(self) -> list[str]:
        return image_tags(self.source.tag, with_dynamorse=self.with_dynamorse)

    def _missing(self, place: ImagePlace) -> bool:
        return any(image_bytes(self.account.ecr, place.repository, tag) is None for tag in self._wanted())


def _place(outputs: Mapping[str, str]) -> ImagePlace | None:
    names = ("NodeREDRepositoryName", "NodeREDRepositoryUri", "NodeREDImageBuild")
    if any(not outputs.get(name) for name in names):
        return None
    return ImagePlace(*(outputs[name] for name in names))
