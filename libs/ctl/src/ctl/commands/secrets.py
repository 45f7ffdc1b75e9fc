"""`korrigoctl secrets`: everything secret that an installation needs, made afresh."""

import sys
from typing import Annotated

from cyclopts import Parameter

from ctl.manifests import Installation, Places, as_yaml

_PLACES = Places()


def secrets(
    *,
    namespace: Annotated[str, Parameter(alias="-n", env_var="KORRIGO_NAMESPACE")] = "korrigo",
    postgres: str = _PLACES.postgres,
    nats: str = _PLACES.nats,
    smtp: str = _PLACES.smtp,
    s3_access_key: str | None = None,
    s3_secret_key: str | None = None,
) -> None:
    """
    Print fresh Secrets for a new installation: `korrigoctl secrets | kubectl create -f -`.

    Besides a Secret for each service they hold what the neighbours are told: the database's roles as SQL, the
    users and rights of NATS, the keys of the object store. Each run makes other passwords and keys.

    Parameters
    ----------
    namespace
        Where the installation is.
    postgres
        The database's host:port.
    nats
        The broker's host:port.
    smtp
        The mail server, as smtp://user:password@host:port, smtp+starttls:// or smtps://.
    s3_access_key
        A key of an object store that exists already; else each service gets its own, to tell the store of.
    s3_secret_key
        Its secret half.
    """
    if (s3_access_key is None) != (s3_secret_key is None):
        raise SystemExit("korrigoctl: --s3-access-key and --s3-secret-key: give both or neither")
    given = (s3_access_key, s3_secret_key) if s3_access_key and s3_secret_key else None
    made = Installation(namespace, Places(postgres, nats, smtp), s3_key=given)
    sys.stdout.write(as_yaml(made.manifests()))
