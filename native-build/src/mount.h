#ifndef ODBFS_MOUNT_H
#define ODBFS_MOUNT_H

#include "napi_support.h"

void define_mount_functions(napi_env env, napi_value object);

#endif
