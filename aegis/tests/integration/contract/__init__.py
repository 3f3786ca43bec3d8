# SPDX-License-Identifier: Apache-2.0
"""One suite that holds the fakes and the real clouds to the same rules.

``suite`` puts it together and knows neither; ``test_real`` runs it against
real sites, ``aegis.tests.unit.clouds.test_contract`` against the fakes in
memory and ``aegis.tests.functional.clouds.test_contract`` against the same
fakes over HTTP.
"""
