# SPDX-License-Identifier: Apache-2.0
"""``aegis.wsgi.api:application``, for any WSGI server.

The configuration is read from the usual places, or from the files that the
environment variable ``OS_AEGIS_CONFIG_FILES`` names, with semicolons between
them. The server's own command line is not ours.
"""

import os

from aegis import conf as aegis_conf
from aegis.api import app
from aegis.db import session

CONFIG_FILES_VARIABLE = 'OS_AEGIS_CONFIG_FILES'


def build() -> app.Application:
    """Read the configuration and build the application.

    :raises oslo_config.cfg.Error: on a bad configuration file.
    """
    files = os.environ.get(CONFIG_FILES_VARIABLE, '')
    conf = aegis_conf.setup(
        [],
        default_config_files=[path for path in files.split(';') if path]
        or None,
    )
    session.configure(conf)
    return app.build_application(conf)


application = build()
