"""KServe's init container: `storage-initializer SOURCE TARGET [SOURCE TARGET...]` downloads each source with kserve_storage."""

import sys

from kserve_storage import Storage, configure_logging, logger

configure_logging()
paths = sys.argv[1:]
if len(paths) < 2 or len(paths) % 2:
    sys.exit(f"storage-initializer: expected pairs of source and target, got {paths}")
for source, target in zip(paths[::2], paths[1::2]):
    logger.info("Initializing, args: src_uri [%s] dest_path [%s]", source, target)
    Storage.download(source, target)
