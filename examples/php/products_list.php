<?php
// List the products, page by page.
require __DIR__.'/api.php';

for ($page = 0; $page === 0 || count($rows) === 100; $page++) {
    $rows = listOf('products', ['sortfield' => 't.rowid', 'limit' => 100, 'page' => $page]);
    foreach ($rows as $product) {
        echo $product['id'], "\t", html_entity_decode($product['ref'], ENT_QUOTES), "\n";
    }
}
