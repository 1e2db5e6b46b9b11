-- The first catalogue. The inventory's first stock is of the same products.
WITH first (id, display_name, description, category, units, nanos) AS (VALUES
    ('espresso-beans', 'Espresso beans, 1 kg', 'Dark and round, from two farms in Minas Gerais. For machines and moka pots.', 'coffee', 18, 900000000),
    ('filter-beans', 'Filter beans, 500 g', 'A light roast from Huila with red fruit. Best within six weeks.', 'coffee', 13, 500000000),
    ('decaf-beans', 'Decaf beans, 500 g', 'Decaffeinated with water and nothing else. Nutty and mild.', 'coffee', 14, 200000000),
    ('ethiopia-yirgacheffe', 'Ethiopia Yirgacheffe, 250 g', 'Washed heirloom varieties, jasmine and lemon.', 'coffee', 11, 800000000),
    ('kenya-nyeri', 'Kenya Nyeri, 250 g', 'Blackcurrant and grapefruit, from a single washing station.', 'coffee', 12, 900000000),
    ('house-blend-ground', 'House blend, ground, 500 g', 'Our everyday blend, ground for filter machines.', 'coffee', 11, 900000000),
    ('jubilee-blend', 'Jubilee blend, 250 g', 'Made once, for our tenth birthday. Sold out.', 'coffee', 24, 0),
    ('cold-brew-bottle', 'Cold brew, 0.7 l', 'Steeped for eighteen hours, in a bottle with deposit.', 'coffee', 6, 500000000),
    ('sencha', 'Sencha, 100 g', 'First flush from Shizuoka, steamed long.', 'tea', 14, 900000000),
    ('assam', 'Assam, 250 g', 'Malty, strong, and made for milk.', 'tea', 9, 400000000),
    ('darjeeling-first-flush', 'Darjeeling first flush, 100 g', 'Flowery, light, this spring''s.', 'tea', 16, 800000000),
    ('oolong-milky', 'Milky oolong, 100 g', 'Half fermented, soft, creamy by nature.', 'tea', 15, 600000000),
    ('rooibos', 'Rooibos, 250 g', 'Without caffeine, from the Cederberg.', 'tea', 7, 200000000),
    ('mint-leaves', 'Mint leaves, 100 g', 'Whole leaves from the Nile delta.', 'tea', 5, 900000000),
    ('chai-spice', 'Chai spice mix, 150 g', 'Cardamom, ginger, pepper, clove, cinnamon.', 'tea', 8, 300000000),
    ('moka-pot', 'Moka pot, 6 cups', 'Aluminium, with a spare gasket.', 'equipment', 32, 0),
    ('french-press', 'French press, 1 l', 'Double-walled steel; keeps an hour warm.', 'equipment', 44, 500000000),
    ('pour-over-dripper', 'Pour-over dripper', 'Porcelain, for one or two cups.', 'equipment', 22, 0),
    ('paper-filters', 'Paper filters, 100 pieces', 'Unbleached, for the dripper.', 'equipment', 6, 900000000),
    ('hand-grinder', 'Hand grinder', 'Steel burrs, forty steps.', 'equipment', 89, 0),
    ('gooseneck-kettle', 'Gooseneck kettle, 0.9 l', 'Holds its temperature to the degree.', 'equipment', 119, 0),
    ('kitchen-scale', 'Scale with timer', 'To a tenth of a gramme, with a timer.', 'equipment', 39, 900000000),
    ('milk-frother', 'Milk frother', 'Rechargeable, two whisks.', 'equipment', 24, 900000000),
    ('tea-strainer', 'Tea strainer', 'Fine steel mesh, fits every cup.', 'equipment', 8, 500000000),
    ('copper-cezve', 'Copper cezve', 'Hammered by hand in Gaziantep; three are left.', 'equipment', 68, 0),
    ('espresso-cup', 'Espresso cup, 70 ml', 'Thick stoneware, made near us.', 'tableware', 9, 800000000),
    ('cappuccino-cup', 'Cappuccino cup, 180 ml', 'Thick stoneware, made near us.', 'tableware', 12, 400000000),
    ('travel-mug', 'Travel mug, 350 ml', 'Closes tightly, fits a bicycle''s bottle cage.', 'tableware', 27, 500000000),
    ('tasting-set', 'Tasting set', 'Five coffees of 60 g each, with notes.', 'gifts', 21, 0),
    ('gift-card', 'Gift card', 'Printed on heavy paper, redeemable in the shop.', 'gifts', 25, 0),
    ('brewing-course', 'Brewing course, one seat', 'Three hours on a Saturday, with all material.', 'gifts', 59, 0)
)
INSERT INTO products (id, display_name, description, category, currency_code, units, nanos, create_time, update_time)
SELECT id, display_name, description, category, 'EUR', units, nanos, unixepoch() * 1000, unixepoch() * 1000
FROM first;
