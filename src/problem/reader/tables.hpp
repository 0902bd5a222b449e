// One reader for each table of a problem file; each fills its part of the document. All throw InputError.
#pragma once

#include "lyapcert/problem/data_file.hpp"
#include "problem/reader/fields.hpp"

namespace lyapcert {

void read_model_table(const Fields& fields);      // [model]
void read_network_table(const Fields& fields);    // [network]
void read_gradients_table(const Fields& fields);  // [gradients]
void read_gram_table(const Fields& fields);       // [gram]
void read_product_table(const Fields& fields);    // [product]
void read_training_table(const Fields& fields);   // [training]
// These two come after the model or the network that they belong to.
void read_data_table(const Fields& fields);  // [data]
void read_minimum_table(const Fields& fields);  // [minimum]

// The array that a table with the keys 'file' and 'array' names, two-dimensional; `column`: one of dimension one is a column, otherwise a row. Its bytes
// go to the document's data.
DataArray read_file_array(const Fields& fields, const std::string& key, const TomlNode& table, bool column);

}  // namespace lyapcert
