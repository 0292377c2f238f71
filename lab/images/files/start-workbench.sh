#!/bin/bash
# JupyterLab as a workbench starts it: the base URL comes from NB_PREFIX, which the notebook controller sets. There is no token,
# because on the platform a proxy in front of it does the authentication, and the lab has no way in from outside.
set -eu
exec python3 -m jupyterlab --ip=0.0.0.0 --port="${NOTEBOOK_PORT:-8888}" --no-browser --allow-root \
  --ServerApp.base_url="${NB_PREFIX:-/}" --IdentityProvider.token= --ServerApp.password= \
  --ServerApp.allow_remote_access=True --ServerApp.allow_origin='*' --ServerApp.disable_check_xsrf=True \
  --ServerApp.root_dir="$HOME" --ServerApp.quit_button=False --LabApp.news_url= --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate
