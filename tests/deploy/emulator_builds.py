"""CodeBuild on ministack, with what decides whether a build of this project's image succeeds on AWS.

ministack's own builds succeed at once, whatever they are given. Here the project's role must be allowed to
read the source, the source must have the buildspec, and the images are pushed that the buildspec would push.
"""

import io
import json
import zipfile
from fnmatch import fnmatchcase
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import codebuild, ecr, iam, s3

ARCHITECTURES = {"LINUX_CONTAINER": "x86_64", "ARM_CONTAINER": "arm64"}


def start_build(data: dict[str, Any]) -> Any:
    """StartBuild: what the request overrides stands over the project; variables are overridden one by one."""
    project = codebuild._projects.get(data.get("projectName", ""))
    if project is None:
        return error_response_json("ResourceNotFoundException", f"Project not found: {data}", 400)
    # ministack keeps what CloudFormation gave it under CloudFormation's names.
    project = {**project, "source": _as_api(project["source"])}
    environment = _as_api(project["environment"])
    for given, name in (("environmentTypeOverride", "type"), ("imageOverride", "image")):
        environment[name] = data.get(given, environment.get(name))
    architecture = ARCHITECTURES[environment["type"]]
    # https://github.com/aws/copilot-cli/issues/3110
    if ("aarch64" in environment["image"]) != (architecture == "arm64"):
        message = (
            f"AWS CodeBuild curated image {environment['image']} is not supported for {environment['type']}"
        )
        return error_response_json("InvalidInputException", message, 400)
    build = codebuild._make_build_record(project, codebuild._build_id(project["name"]))
    source = data.get("sourceLocationOverride") or project["source"]["location"]
    variables = {
        entry["name"]: entry["value"]
        for entry in (*environment["environmentVariables"], *data.get("environmentVariablesOverride", []))
    }
    _run(build, project, source, architecture, variables)
    codebuild._builds[build["id"]] = build
    return json_response({"build": build})


def _run(
    build: dict[str, Any], project: dict[str, Any], source: str, architecture: str, variables: dict[str, str]
) -> None:
    role = str(project["serviceRole"]).rpartition("/")[2]
    if not _may_read(role, f"arn:aws:s3:::{source}"):
        message = f"AccessDenied: Access Denied status code: 403, request id: 1 for primary source {source}"
        _fail(build, "DOWNLOAD_SOURCE", message)
        return
    bucket, _, key = source.partition("/")
    names = zipfile.ZipFile(io.BytesIO(s3._get_object_data(bucket, key))).namelist()
    if project["source"]["buildSpec"] not in names:
        _fail(build, "DOWNLOAD_SOURCE", "YAML_FILE_ERROR: stat buildspec.yml: no such file or directory")
        return
    tag = variables["IMAGE_TAG"]
    tags = [f"{tag}-{architecture}"]
    if architecture == "x86_64" and variables["WITH_DYNAMORSE"] == "yes":
        tags.append(f"{tag}-dynamorse")
    for each in tags:
        manifest = json.dumps({"schemaVersion": 2, "tag": each})
        ecr._put_image(
            {"repositoryName": variables["REPOSITORY_NAME"], "imageManifest": manifest, "imageTag": each}
        )


def _as_api(value: Any) -> Any:
    if isinstance(value, list):
        return [_as_api(item) for item in value]
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: _as_api(item) for key, item in value.items()}
    return value


def _may_read(role: str, arn: str) -> bool:
    for document in iam._roles[role]["InlinePolicies"].values():
        for statement in json.loads(document)["Statement"]:
            actions, resources = (_listed(statement[key]) for key in ("Action", "Resource"))
            if "s3:GetObject" in actions and any(fnmatchcase(arn, resource) for resource in resources):
                return True
    return False


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _fail(build: dict[str, Any], phase: str, message: str) -> None:
    build["buildStatus"] = "FAILED"
    build["phases"] = [{"phaseType": phase, "phaseStatus": "FAILED", "contexts": [{"message": message}]}]
    build["logs"]["deepLink"] = f"https://console.aws.amazon.com/{build['id']}"
