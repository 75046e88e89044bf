/* Giving parts of a file back to the disk. */
#ifndef ODBFS_HOLE_H
#define ODBFS_HOLE_H

#include "napi_support.h"

void define_hole_functions(napi_env env, napi_value object);

#endif
