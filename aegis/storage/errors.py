# SPDX-License-Identifier: Apache-2.0
"""What can go wrong at an array, in words that need no array knowledge."""


class StorageError(Exception):
    """A call to an array failed.

    ``code`` is stable and public, ``summary`` says to anybody what is
    wrong, ``remedy`` tells what to do, and
    ``retryable`` whether the same call may succeed by itself later.
    """

    code = 'aegis.storage.error'
    summary = 'A storage array failed a call.'
    remedy = 'See the log of the engine for what the array answered.'
    retryable = False


class ArrayUnreachable(StorageError):
    code = 'aegis.storage.unreachable'
    summary = 'A storage array does not answer.'
    remedy = (
        'Check that the management address of the array answers and that '
        'the network path from the engine to it is open.'
    )
    retryable = True


class ArrayBusy(StorageError):
    code = 'aegis.storage.busy'
    summary = 'A storage array is too busy to answer.'
    remedy = 'Wait until the array is less busy and retry the operation.'
    retryable = True


class ArrayAuthenticationFailed(StorageError):
    code = 'aegis.storage.authentication'
    summary = "A storage array refused Aegis' API token."
    remedy = (
        'Put a valid API token of a storage administrator into the '
        "array's section of aegis.conf and restart the engine."
    )


class ArrayAccessDenied(StorageError):
    code = 'aegis.storage.access_denied'
    summary = 'A storage array lets Aegis read only.'
    remedy = (
        'The API token may only read. Use the token of a user with the '
        'role storage_admin.'
    )


class ArrayRefused(StorageError):
    code = 'aegis.storage.refused'
    summary = 'A storage array refused a change.'


class NotFound(StorageError):
    code = 'aegis.storage.not_found'
    summary = 'An object is not on the storage array.'
    remedy = 'Check that the object still exists on the array.'


class NameTaken(StorageError):
    code = 'aegis.storage.name_taken'
    summary = 'A name that Aegis needs is taken on the storage array.'
    remedy = (
        'A volume that Aegis did not make has the name, or a destroyed one '
        'that is not eradicated yet. Retry the operation: it takes another '
        'name.'
    )


class BirthTagMissing(StorageError):
    code = 'aegis.storage.birth_tag_missing'
    summary = 'A volume on the storage array was not made by this run.'
    remedy = 'Aegis only removes what it made itself; see to it by hand.'


class VolumeInUse(StorageError):
    code = 'aegis.storage.in_use'
    summary = 'A volume is still connected on the storage array.'
    remedy = 'Disconnect the volume from its hosts, then retry.'


class PointIncomplete(StorageError):
    code = 'aegis.storage.point_incomplete'
    summary = 'The recovery point does not hold every volume.'
    remedy = 'Choose another recovery point.'


class GuardFailed(StorageError):
    code = 'aegis.storage.guard_failed'
    summary = 'A volume on the storage array is not the recorded one.'
    remedy = (
        'The volume is not the one Aegis recorded. Nothing was changed; '
        'compare it with the recorded placement.'
    )


class ArrayLimitReached(StorageError):
    code = 'aegis.storage.limit_reached'
    summary = 'A storage array has reached a limit.'
    remedy = 'Free objects on the array or choose another one.'


class ArrayFailed(StorageError):
    code = 'aegis.storage.array_failed'
    summary = 'A storage array failed a call.'
    remedy = 'Look at the alerts of the array, then retry the operation.'
    retryable = True


class ArrayCertificateInvalid(StorageError):
    code = 'aegis.storage.certificate'
    summary = 'The certificate of a storage array is not trusted.'
    remedy = (
        "Put the certificate of the array's authority into ca_file in the "
        "array's section of aegis.conf, and check that management_address "
        'is a name the certificate is made out to.'
    )


class ArrayNotConfigured(StorageError):
    code = 'aegis.storage.not_configured'
    summary = 'A storage array is not configured.'
    remedy = (
        "Correct the array's section ([array:<label>]) of aegis.conf and "
        'restart the service.'
    )


class WrongArray(StorageError):
    code = 'aegis.storage.wrong_array'
    summary = 'A storage array is not the configured one.'
    remedy = (
        'Ask the array that owns the replication group; if that is this '
        'one, set array_name and management_address in its section of '
        'aegis.conf right.'
    )
