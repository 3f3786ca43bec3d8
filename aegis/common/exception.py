# SPDX-License-Identifier: Apache-2.0
"""Errors that reach a user: what, why, what to do, and a stable code.

``code`` values are public: once released they are never changed. A class
that needs no other behaviour than its texts is declared, not programmed.
"""

from typing import Any


def _filled(template: str, values: dict[str, object]) -> str:
    # An error rebuilt from its parts has no values left and its remedy
    # already filled in.
    return template.format(**values) if values else template


class AegisError(Exception):
    """Base of every error of ours.

    ``message`` is a template filled from keyword arguments; ``remedy`` tells
    what to do; ``details`` is structured data for the API (for instance a
    reason per volume); ``status`` is the HTTP status it becomes.
    """

    code = 'aegis.internal'
    status = 500
    message = 'An unexpected error occurred.'
    remedy = 'Give the request id to the operator of the service.'

    def __init__(
        self,
        message: str | None = None,
        *,
        remedy: str | None = None,
        details: list[dict[str, Any]] | None = None,
        code: str | None = None,
        **values: object,
    ) -> None:
        self.detail = message or self.message.format(**values)
        self.remedy = remedy or _filled(self.remedy, values)
        self.details = details or []
        self.code = code or self.code
        super().__init__(self.detail)

    @property
    def kwargs(self) -> dict[str, Any]:
        """What rebuilds the error at the other end of the message bus."""
        return {
            'remedy': self.remedy,
            'details': self.details,
            'code': self.code,
        }


class BadRequest(AegisError):
    code = 'aegis.request.invalid'
    status = 400
    message = 'The request is not valid: {reason}'
    remedy = 'Correct the request and send it again.'


class NotFound(AegisError):
    code = 'aegis.not_found'
    status = 404
    message = 'There is no {resource} {name}.'
    remedy = 'Check the name or id and the project you are scoped to.'


class VolumeBackendNotRunning(NotFound):
    """Raised for one that may have just started as well."""

    code = 'aegis.volume_backend.not_running'
    message = (
        'No running backend {backend}, which volume type {volume_type} '
        'needs, is known to Cinder.'
    )
    remedy = 'Start its cinder-volume at the recovery site.'
    retryable = True


class FailoverGroupNotFound(NotFound):
    code = 'aegis.failover_group.not_found'


class MemberNotFound(NotFound):
    code = 'aegis.member.not_found'


class OperationNotFound(NotFound):
    code = 'aegis.operation.not_found'


class SiteNotFound(NotFound):
    code = 'aegis.site.not_found'


class RecoveryPointNotFound(NotFound):
    code = 'aegis.recovery_point.not_found'
    remedy = 'List the recovery points of the group and choose one of them.'


class ServerNotFound(NotFound):
    code = 'aegis.server.not_found'
    message = 'There is no server {name} in your project at site {site}.'
    remedy = 'Check the name or id and that the server is in your project.'


class Forbidden(AegisError):
    code = 'aegis.forbidden'
    status = 403
    message = 'Your roles do not allow {action}.'
    remedy = 'Ask for a role that does, or ask somebody who has it.'


class Conflict(AegisError):
    code = 'aegis.conflict'
    status = 409
    message = 'The request conflicts with the present state: {reason}'
    remedy = 'Look at the present state and try again.'


class RevisionConflict(Conflict):
    code = 'aegis.revision_conflict'
    status = 412
    message = 'The {resource} has changed since revision {expected}.'
    remedy = 'Read it again, and repeat the change if it is still wanted.'


class FailoverGroupBusy(Conflict):
    code = 'aegis.failover_group.busy'
    message = 'Operation {operation} ({type}) is running on group {group}.'
    remedy = 'Wait for it with "openstack dr operation watch" or cancel it.'


class FailoverGroupState(Conflict):
    code = 'aegis.failover_group.state'
    message = 'Group {group} is {state}; {action} needs {needed}.'


class FailoverGroupEmpty(Conflict):
    code = 'aegis.failover_group.empty'
    message = 'Group {group} has no members.'
    remedy = 'Add servers with "openstack dr failover-group add server".'


class FailoverGroupExists(Conflict):
    code = 'aegis.failover_group.exists'
    message = 'You already have a failover group named {name}.'
    remedy = 'Choose another name.'


class FailoverGroupInUse(Conflict):
    code = 'aegis.failover_group.in_use'
    message = 'Group {group} still has members.'
    remedy = 'Remove its members first.'


class OperationState(Conflict):
    code = 'aegis.operation.state'
    message = 'Operation {operation} is {state}; it cannot be {action}.'


class MemberRemoved(AegisError):
    code = 'aegis.member.removed'
    status = 409
    message = 'Member {name} was removed from the group.'
    remedy = 'Add it to a group again if it is to be recovered.'


class EarlierAttemptRemains(Conflict):
    """Raised before anything is made, so that nothing is mixed up."""

    code = 'aegis.member.earlier_attempt'
    message = 'What an earlier attempt left cannot be removed: {remains}'
    remedy = 'Mend what keeps it there, or remove it by hand, then retry.'
    retryable = False


class MemberExists(Conflict):
    code = 'aegis.member.exists'
    message = 'Server {server} is already a member of group {group}.'
    remedy = 'A server can be in one group only; remove it there first.'


class MemberIneligible(Conflict):
    code = 'aegis.member.ineligible'
    message = 'Server {server} cannot be protected: {reason}'
    remedy = (
        'Every volume must lie on replicated storage, all in the '
        'protection group of the failover group, and not be encrypted.'
    )


class NoRecoveryPoint(Conflict):
    code = 'aegis.recovery_point.none'
    message = 'Group {group} has no complete recovery point at site {site}.'
    remedy = (
        'Wait until replication has completed one, and check that the '
        'replication schedule is enabled.'
    )


class SiteUnreachable(AegisError):
    code = 'aegis.site.unreachable'
    status = 503
    message = 'Site {site} does not answer ({service}): {reason}'
    remedy = (
        'Check that the endpoint answers from the host of aegis-engine. An '
        'unplanned failover needs only the recovery site.'
    )
    retryable = False


class SiteAuthenticationFailed(AegisError):
    code = 'aegis.site.authentication'
    status = 503
    message = "Site {site} refused Aegis' own credentials: {reason}"
    remedy = (
        'Check the [site:{site}] section of aegis.conf, and that its user has '
        'the role admin on the project.'
    )
    retryable = False


class StorageFailed(AegisError):
    """An array failed a call; code and remedy are the storage error's."""

    code = 'aegis.storage.error'
    status = 503
    message = 'The storage of site {site} failed: {reason}'


class DatabaseUnavailable(AegisError):
    """Nothing is wrong with what was asked; it may be done or not."""

    code = 'aegis.database.unavailable'
    status = 503
    message = 'The database does not answer, or does not work.'
    remedy = (
        'Try again when it does; what was begun goes on by itself then. The '
        'operator finds the reason in the log.'
    )


class DatabaseFull(DatabaseUnavailable):
    code = 'aegis.database.full'
    message = 'The database has no room left.'
    remedy = (
        'The operator has to make room where it is stored; what was begun '
        'goes on by itself then.'
    )


class EngineUnavailable(AegisError):
    code = 'aegis.engine.unavailable'
    status = 503
    message = 'No engine answered in {seconds} seconds.'
    remedy = (
        'What was asked may be done all the same: look before you ask again. '
        'If "openstack dr service list" shows no engine up, start one; else '
        'see whether the message bus works and whether the protected site '
        'answers ("openstack dr site list").'
    )


class CloudError(AegisError):
    """A cloud service refused or failed a call.

    ``retryable`` says whether the same call may succeed by itself later.

    :param asked: the method and path of the call, where they are known.
    """

    code = 'aegis.cloud.error'
    status = 502
    message = '{service} at {site} answered {http_status}{asked}: {reason}'
    remedy = 'See what the service says; mend it there, then retry.'
    retryable = False

    def __init__(self, *args: Any, asked: str = '', **values: Any) -> None:
        to_what = f' to {asked}' if asked else ''
        super().__init__(*args, asked=to_what, **values)


class CloudNotFound(CloudError):
    code = 'aegis.cloud.not_found'


class CloudConflict(CloudError):
    code = 'aegis.cloud.conflict'


class CloudForbidden(CloudError):
    code = 'aegis.cloud.forbidden'
    remedy = (
        "Give Aegis' user the role admin on the project, or let the project "
        'inherit it from its domain.'
    )


class CloudQuotaExceeded(CloudError):
    code = 'aegis.cloud.quota'
    remedy = 'Raise the quota of the project, then retry the operation.'


class CloudFailed(CloudError):
    """A service broke over a call, as all do that have lost their database."""

    code = 'aegis.cloud.failed'
    remedy = "See the service's own log for the reason, then retry."
    retryable = True


class CloudUnavailable(CloudError):
    code = 'aegis.cloud.unavailable'
    message = '{service} at {site} did not answer{asked}: {reason}'
    remedy = 'Check that the service is up, then retry the operation.'
    retryable = True


class PreflightFailed(AegisError):
    """A readiness check said no; ``code`` is that of the first such check."""

    code = 'aegis.preflight.failed'
    status = 409
    message = '{reason}'

    def __init__(self, *args: Any, code: str, **values: Any) -> None:
        super().__init__(*args, code=code, **values)


class StepTimeout(AegisError):
    code = 'aegis.step.timeout'
    message = '{step} was not done after {seconds:.0f} seconds: {reason}'
    remedy = 'See why the service is slow, then retry the operation.'


class ValidationFailed(AegisError):
    code = 'aegis.member.validation'
    message = 'What was built is not what was captured: {reason}'
    remedy = 'Compare the recovered objects with the reasons, then retry.'


class ResourceFailed(AegisError):
    """A cloud built something and then said that it had failed."""

    code = 'aegis.cloud.resource_failed'
    message = '{service} at {site}: {resource} {name} is in state {state}'
    remedy = "See the service's own log for the reason, then retry."


class OperationCancelled(AegisError):
    code = 'aegis.operation.cancelled'
    status = 409
    message = 'The operation was cancelled.'
    remedy = 'Start it again when it is wanted.'


class MemberFailed(AegisError):
    code = 'aegis.member.failed'
    message = '{failed} of {total} members failed.'
    remedy = 'See the lanes of the operation, mend the cause, then retry it.'


class FenceLost(Exception):
    """Another engine has taken the lane over; this one must let go.

    Not an :class:`AegisError`: it is never shown to anybody and nothing may
    be undone because of it.
    """


class Interrupted(Exception):
    """This process has to stop; what it was doing goes on elsewhere.

    Like :class:`FenceLost` it is not a failure: nothing is undone or
    recorded because of it.
    """
