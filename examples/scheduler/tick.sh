#!/bin/sh
# A unit of work for the scheduler: says what it is, and stays until its machine lets go of it.
echo "$COORDINATION_NAME runs on $COORDINATION_MACHINE under token $COORDINATION_TOKEN"
while read -r order; do
    [ "$order" = stop ] && break
done
echo "$COORDINATION_NAME ends on $COORDINATION_MACHINE"
