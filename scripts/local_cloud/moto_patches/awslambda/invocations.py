"""Lambda and Step Functions: who invokes a function is asked for; a state machine invokes as its role."""

import threading
from typing import Any
from urllib.parse import unquote

import boto3
import moto.stepfunctions.parser.asl.component.state.exec.state_task.lambda_eval_utils as lambda_calls
from botocore.config import Config
from moto.awslambda.exceptions import LambdaClientError
from moto.awslambda.responses import LambdaResponse

from local_cloud.iam.authorizer import AccessDenied, Authorizer, access_key_of
from local_cloud.moto_patches.replacements import Replacements
from local_cloud.moto_patches.signatures import signer

_LONGEST_LAMBDA_SECONDS = 900


class _DeniedError(LambdaClientError):  # type: ignore[misc] # moto has no types
    code = 403


def install(replacements: Replacements, authorizer: Authorizer, endpoint: str) -> None:
    """Let ``authorizer`` judge invocations, those of state machines by their role."""
    original = LambdaResponse.invoke

    def invoke(response: Any) -> Any:
        name = unquote(response.path.rsplit("/", 2)[-2])
        arn = response.backend.get_function(name, response._get_param("qualifier")).function_arn
        try:
            authorizer.check_call(
                signer(response.headers, response.uri), "lambda", "Invoke", {"FunctionArn": arn}
            )
        except AccessDenied as denied:
            raise _DeniedError("AccessDeniedException", str(denied)) from denied
        return original(response)

    replacements.replace(LambdaResponse, "invoke", invoke)
    replacements.replace(lambda_calls, "boto_client_for", _Clients(endpoint).client_for)


class _Clients:
    """A client a role; moto makes one a call, of boto3's default session, which is not for many threads."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._clients: dict[str, Any] = {}

    def client_for(self, region: str, service: str, state_credentials: Any = None) -> Any:
        """Return the client that signs as the role of a state machine (moto's ``boto_client_for``)."""
        role = state_credentials.role_arn if state_credentials else ""
        with self._lock:
            if role not in self._clients:
                session = boto3.Session(access_key_of(role), "local", region_name=region)
                config = Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1},
                    read_timeout=_LONGEST_LAMBDA_SECONDS + 60,
                    max_pool_connections=100,
                    proxies={},
                )
                self._clients[role] = session.client(  # type: ignore[call-overload]
                    service, endpoint_url=self._endpoint, config=config
                )
            return self._clients[role]
