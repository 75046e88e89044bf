/* What the disk is asked in the thread pool. */
#ifndef ODBFS_DISK_WORK_H
#define ODBFS_DISK_WORK_H

#include "napi_support.h"

void define_disk_functions(napi_env env, napi_value object);

#endif
