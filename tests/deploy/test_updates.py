"""Updates on ministack: the image before the stack, nothing while something runs."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from lambdas.aws import tags
from organist.account.aws_account import Account
from organist.account.deployed_stack import describe_stack, parameter_value, stack_outputs
from organist.account.productions_end import ProductionsRunning
from organist.commands.deployment.deploy_run import DeployRun
from organist.deploy.package.uploads import digest
from tests.deploy.conftest import Ran

Deploy = Callable[..., Ran]
SWITCH = "UPDATE_IN_PROGRESS"


def source_of(*names: str) -> bytes:
    """An image's source with these files in it."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return written.getvalue()


GOOD, BETTER = source_of("buildspec.yml", "Dockerfile"), source_of("buildspec.yml", "Dockerfile", "more")
BROKEN = source_of("Dockerfile")


@pytest.fixture
def image_source(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], str]:
    """Say what the image is built from, from now on; return its tag."""

    def say(source: bytes) -> str:
        monkeypatch.setattr("organist.deploy.deployment.zip_image_source", lambda _: source)
        monkeypatch.setattr(
            "organist.deploy.package.monitoring_source.zip_image_source", lambda _: b"monitoring"
        )
        return digest(source)

    return say


def state(account: Account, stack: str) -> tuple[str, str]:
    """The stack's status and its image's tag."""
    described = describe_stack(account, stack)
    assert described is not None
    return described["StackStatus"], parameter_value(described, "NodeREDImageTag")


def images(account: Account, stack: str) -> set[str]:
    repository = stack_outputs(describe_stack(account, stack) or {})["NodeREDRepositoryName"]
    return {image["imageTag"] for image in account.ecr.list_images(repositoryName=repository)["imageIds"]}


def change_sets(account: Account, stack: str) -> list[Any]:
    """The change sets that could still be executed."""
    found = account.cloudformation.list_change_sets(StackName=stack)["Summaries"]
    return [one for one in found if one.get("ExecutionStatus") == "AVAILABLE"]


def test_the_image_of_an_update_is_built_before_the_stack_is_switched(
    account: Account, deploy: Deploy, stack: str, image_source: Callable[[bytes], str]
) -> None:
    first = image_source(GOOD)
    assert deploy(stack=stack).code == 0
    second = image_source(BETTER)

    updated = deploy(stack=stack)

    assert updated.code == 0, updated.text
    assert updated.text.index("is built first") < updated.text.index(SWITCH)
    assert "is built now" not in updated.text
    assert state(account, stack) == ("UPDATE_COMPLETE", second)
    assert images(account, stack) == {
        f"{tag}-{machine}" for tag in (first, second) for machine in ("x86_64", "arm64")
    }


def test_an_update_whose_image_cannot_be_built_changes_nothing(
    account: Account, deploy: Deploy, stack: str, image_source: Callable[[bytes], str]
) -> None:
    tag = image_source(GOOD)
    assert deploy(stack=stack).code == 0
    before = state(account, stack)
    image_source(BROKEN)

    failed = deploy(stack=stack)

    assert failed.code == 1
    assert "It is tried once more." in failed.text
    assert "YAML_FILE_ERROR" in failed.text
    assert f"Nothing was changed: the stack {stack} stays as it was." in failed.text
    assert SWITCH not in failed.text
    assert state(account, stack) == before
    assert before[1] == tag
    assert change_sets(account, stack) == []


def test_a_deployment_whose_build_reads_its_own_source_only_is_updated_the_old_way(
    account: Account,
    deploy: Deploy,
    stack: str,
    image_source: Callable[[bytes], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the build's role was before it could read what later deployments upload."""
    image_source(GOOD)
    with monkeypatch.context() as old:
        old.setattr(
            "organist.deploy.deployment.template_text",
            lambda template: json.dumps(template).replace(
                "${SourceBucket}/organist/*", "${SourceBucket}/${NodeREDSourceKey}"
            ),
        )
        assert deploy(stack=stack).code == 0
    tag = image_source(BETTER)

    updated = deploy(stack=stack)

    assert updated.code == 0, updated.text
    assert "So the stack is updated first and the image built right after" in updated.text
    assert updated.text.index(SWITCH) < updated.text.index("is built now")
    assert state(account, stack) == ("UPDATE_COMPLETE", tag)
    assert f"{tag}-x86_64" in images(account, stack)


def test_a_build_is_told_what_is_built(
    account: Account, deploy: Deploy, stack: str, image_source: Callable[[bytes], str]
) -> None:
    """The dynamorse image belongs to the new options, not to the project as it was."""
    image_source(GOOD)
    assert deploy(stack=stack).code == 0
    tag = image_source(BETTER)
    assert deploy(stack=stack, module_source="https://registry.example.org").code == 0
    assert f"{tag}-dynamorse" in images(account, stack)


@pytest.fixture
def machine(account: Account, stack: str) -> str:
    """A machine of the stack, launched by hand."""
    pairs = [{"Key": tags.STACK, "Value": stack}, {"Key": tags.NAME, "Value": "by-hand"}]
    marks: Any = [{"ResourceType": "instance", "Tags": pairs}]
    run: Any = account.ec2.run_instances(
        ImageId="ami-12345678",
        InstanceType="c6i.large",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=marks,
    )
    return str(run["Instances"][0]["InstanceId"])


@pytest.fixture
def deployed_tag(deploy: Deploy, stack: str, image_source: Callable[[bytes], str]) -> str:
    """The image's tag of a stack that was just deployed."""
    tag = image_source(GOOD)
    assert deploy(stack=stack).code == 0
    return tag


def test_nothing_is_updated_while_something_runs(
    account: Account,
    deploy: Deploy,
    stack: str,
    image_source: Callable[[bytes], str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployed_tag = request.getfixturevalue("deployed_tag")
    machine = request.getfixturevalue("machine")
    assert "Nothing changed" in deploy(stack=stack).text, "which is no update"
    new = image_source(BETTER)

    with pytest.raises(ProductionsRunning, match=r"by-hand.*--wait"):
        deploy(stack=stack)
    assert state(account, stack)[1] == deployed_tag
    assert change_sets(account, stack) == []
    assert f"{new}-x86_64" not in images(account, stack)
    assert deploy(stack=stack, plan=True).code == 0

    # Its end comes while the command waits.
    def sleep(self: DeployRun) -> None:
        account.ec2.terminate_instances(InstanceIds=[machine])

    monkeypatch.setattr(DeployRun, "_sleep", sleep)
    waited = deploy(stack=stack, wait=True)
    assert waited.code == 0, waited.text
    assert "Waiting until nothing runs any more: by-hand" in waited.text
    assert state(account, stack) == ("UPDATE_COMPLETE", new)


def test_a_production_that_starts_during_the_build_is_not_cut_off(
    account: Account,
    deploy: Deploy,
    stack: str,
    image_source: Callable[[bytes], str],
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    deployed_tag = request.getfixturevalue("deployed_tag")
    image_source(BETTER)

    def build_and_start(*_: object, **__: object) -> None:
        request.getfixturevalue("machine")

    monkeypatch.setattr("organist.deploy.image.deployment_image.build_images", build_and_start)
    with pytest.raises(ProductionsRunning, match="by-hand"):
        deploy(stack=stack)
    assert state(account, stack) == ("CREATE_COMPLETE", deployed_tag)
    assert change_sets(account, stack) == []


def test_an_update_leaves_no_cluster_of_the_deployments_of_old(
    account: Account, deploy: Deploy, stack: str, image_source: Callable[[bytes], str], deployed_tag: str
) -> None:
    """Each machine had one of its own, which the functions of that time made and tagged."""
    own = stack_outputs(describe_stack(account, stack) or {})["ClusterName"]
    for name, owner in (("mixer-1f", stack), ("theirs-1f", "another")):
        account.ecs.create_cluster(clusterName=name, tags=[{"key": tags.STACK, "value": owner}])
    image_source(BETTER)

    updated = deploy(stack=stack)

    assert updated.code == 0, updated.text
    assert "The old cluster mixer-1f is removed" in updated.text
    left = {arn.rpartition("/")[2] for arn in account.ecs.list_clusters()["clusterArns"]}
    assert left >= {own, "theirs-1f"}
    assert "mixer-1f" not in left
    account.ecs.delete_cluster(cluster="theirs-1f")
