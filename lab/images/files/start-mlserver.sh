#!/bin/bash
# MLServer on the folder that the serving runtime names, as the platform's image does.
exec mlserver start "${MODELS_DIR:-/mnt/models}"
