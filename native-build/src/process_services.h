#ifndef ODBFS_PROCESS_SERVICES_H
#define ODBFS_PROCESS_SERVICES_H

#include "napi_support.h"

void define_process_services(napi_env env, napi_value object);

#endif
