#include "problem/network_residuals.hpp"

namespace lyapcert {

namespace {

// The given weights with the free ones replaced by a box.
std::vector<MpInterval> completed(const NetworkData& data, const std::vector<MpInterval>& box) {
    std::vector<MpInterval> all;
    const long precision = box.front().precision();
    std::size_t next = 0;
    for (std::size_t k = 0; k < data.weights.size(); ++k) {
        const bool is_free = next < data.free.size() && data.free[next] == k;
        all.push_back(is_free ? box[next++] : MpInterval(data.weights[k], precision));
    }
    return all;
}

}  // namespace

std::shared_ptr<const NetworkData> network_data(const Document& document) {
    return std::make_shared<const NetworkData>(
        NetworkData{*document.network, document.network->free_weights(), document.weights, document.data_inputs, document.targets});
}

std::vector<MpInterval> enclosed(const std::vector<Expression>& numbers, long precision) {
    std::vector<MpInterval> result;
    for (const Expression& e : numbers) result.push_back(enclose(e, precision));
    return result;
}

ResidualMap residual_map(std::shared_ptr<const NetworkData> data) {
    ResidualMap map;
    map.data_points = data->inputs.size();
    map.parameters = data->free.size();
    map.enclose = [data](std::size_t i, const std::vector<MpInterval>& box, bool gradient) {
        const long precision = box.front().precision();
        Differential<MpInterval> f = differentiate(data->network, completed(*data, box), enclosed(data->inputs[i], precision), MpInterval(precision), gradient);
        if (data->targets) f.value -= enclose((*data->targets)[i], precision);
        return f;
    };
    std::vector<double> weights;
    for (const Rational& w : data->weights) weights.push_back(w.convert_to<double>());
    std::vector<std::vector<double>> inputs;
    std::vector<double> targets;
    for (std::size_t i = 0; i < map.data_points; ++i) {
        inputs.emplace_back();
        for (const MpInterval& y : enclosed(data->inputs[i], 64)) inputs.back().push_back(y.midpoint_double());
        targets.push_back(data->targets ? enclose((*data->targets)[i], 64).midpoint_double() : 0.0);
    }
    map.approximate = [data, weights, inputs, targets](std::size_t i, const std::vector<double>& x) {
        std::vector<double> all = weights;
        for (std::size_t k = 0; k < x.size(); ++k) all[data->free[k]] = x[k];
        Differential<double> f = differentiate(data->network, all, inputs[i], 0.0);
        f.value -= targets[i];
        return f;
    };
    return map;
}

}  // namespace lyapcert
