<?php
// Create an order with two products, and print its id: order_with_lines.php CUSTOMER PRODUCT PRODUCT
require __DIR__.'/api.php';

[, $customer, $first, $second] = array_map('intval', $argv);
$order = callAPI('POST', 'orders', [
    'socid' => $customer,
    'date' => date('Y-m-d'),
    'type' => '0',
    'note_private' => 'order created automatically with API',
]);
fwrite(STDERR, "order $order is there; what goes wrong from here on leaves it as a draft\n");
foreach ([['my_product_ref_X203ZZ', 10, 100, $first], ['my_product_ref_B707FD', 13.10, 37, $second]] as $line) {
    [$desc, $price, $quantity, $product] = $line;
    callAPI('POST', "orders/$order/lines", [
        'desc' => $desc,
        'subprice' => $price,
        'qty' => $quantity,
        'tva_tx' => 20,
        'fk_product' => $product,
    ]);
}
echo $order, "\n";
