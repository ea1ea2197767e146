// Precompiled for every test program.
#pragma once
#include "pch.h"  // IWYU pragma: export
#include <gmock/gmock.h>
#include <gtest/gtest.h>
