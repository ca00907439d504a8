#!/bin/sh
# A lease that outlives each command of a shell script: acquired once, renewed and released by its secret.
#
#   COORDINATION_URL=file:///var/lib/shop/leases sh examples/resume.sh
#
# The secret goes into a private file, never onto a command line.
set -eu

secret=$(mktemp)
trap 'rm -f "$secret"' EXIT

coordination acquire migration --period 60 --secret-file "$secret"
echo "step one"
coordination renew migration --secret-file "$secret"
echo "step two"
coordination release migration --secret-file "$secret"
