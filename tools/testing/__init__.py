# SPDX-License-Identifier: Apache-2.0
"""What tools/test is made of. Standard library only: it installs the rest."""
