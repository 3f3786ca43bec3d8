# SPDX-License-Identifier: Apache-2.0
"""What can go wrong at an array, in words that need no array knowledge."""


class StorageError(Exception):
    """A call to an array failed.

    ``code`` is stable and public, ``remedy`` tells what to do, and
    ``retryable`` whether the same call may succeed by itself later.
    """

    code = 'aegis.storage.error'
    remedy = 'See the log of the engine for what the array answered.'
    retryable = False


class ArrayUnreachable(StorageError):
    code = 'aegis.storage.unreachable'
    remedy = (
        'Check that the management address of the array answers and that '
        'the network path from the engine to it is open.'
    )
    retryable = True


class ArrayBusy(StorageError):
    code = 'aegis.storage.busy'
    remedy = 'Wait until the array is less busy and retry the operation.'
    retryable = True


class ArrayAuthenticationFailed(StorageError):
    code = 'aegis.storage.authentication'
    remedy = (
        'Put a valid API token of a storage administrator into the '
        "array's section of aegis.conf and restart the engine."
    )


class ArrayAccessDenied(StorageError):
    code = 'aegis.storage.access_denied'
    remedy = (
        'The API token may only read. Use the token of a user with the '
        'role storage_admin.'
    )


class ArrayRefused(StorageError):
    code = 'aegis.storage.refused'


class NotFound(StorageError):
    code = 'aegis.storage.not_found'
    remedy = 'Check that the object still exists on the array.'


class NameTaken(StorageError):
    code = 'aegis.storage.name_taken'
    remedy = (
        'A volume of that name exists that Aegis did not make. Rename or '
        'remove it by hand, then retry the operation.'
    )


class BirthTagMissing(StorageError):
    code = 'aegis.storage.birth_tag_missing'
    remedy = 'Aegis only removes what it made itself; see to it by hand.'


class VolumeInUse(StorageError):
    code = 'aegis.storage.in_use'
    remedy = 'Disconnect the volume from its hosts, then retry.'


class PointIncomplete(StorageError):
    code = 'aegis.storage.point_incomplete'
    remedy = 'Choose another recovery point.'


class GuardFailed(StorageError):
    code = 'aegis.storage.guard_failed'
    remedy = (
        'The volume is not the one Aegis recorded. Nothing was changed; '
        'compare it with the recorded placement.'
    )


class ArrayLimitReached(StorageError):
    code = 'aegis.storage.limit_reached'
    remedy = 'Free objects on the array or choose another one.'


class ArrayFailed(StorageError):
    code = 'aegis.storage.array_failed'
    remedy = 'Look at the alerts of the array, then retry the operation.'
    retryable = True


class ArrayCertificateInvalid(StorageError):
    code = 'aegis.storage.certificate'
    remedy = (
        "Put the certificate of the array's authority into ca_file in the "
        "array's section of aegis.conf, and check that management_address "
        'is a name the certificate is made out to.'
    )


class ArrayNotConfigured(StorageError):
    code = 'aegis.storage.not_configured'
    remedy = (
        "Correct the array's section ([array:<label>]) of aegis.conf and "
        'restart the service.'
    )


class WrongArray(StorageError):
    code = 'aegis.storage.wrong_array'
    remedy = (
        'Ask the array that owns the replication group; if that is this '
        'one, set array_name and management_address in its section of '
        'aegis.conf right.'
    )
