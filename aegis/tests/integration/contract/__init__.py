# SPDX-License-Identifier: Apache-2.0
"""One suite that holds the fakes and the real clouds to the same rules.

``suite`` knows neither; ``test_real`` runs it against real sites and
``aegis.tests.unit.clouds.test_contract`` against the fakes.
"""
