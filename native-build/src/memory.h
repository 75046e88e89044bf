#ifndef ODBFS_MEMORY_H
#define ODBFS_MEMORY_H

#include "napi_support.h"

void define_memory_functions(napi_env env, napi_value object);

#endif
